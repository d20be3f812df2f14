package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Features of a repository that Maven has fetched, so that Karaf downloads nothing. */
public final class Features {

    private final Karaf karaf;
    private final String repository;
    private final String names;

    /**
     * @param repository its URL
     * @param names the features' names, separated by spaces
     */
    public Features(Karaf karaf, String repository, String names) {
        this.karaf = karaf;
        this.repository = repository;
        this.names = names;
    }

    /** Installs them, without a refresh of bundles that are there. */
    public void install() throws IOException {
        bring(karaf);
        karaf.succeed("feature:repo-add " + repository);
        karaf.install("-r " + names);
    }

    /** Puts all that Maven has fetched where Karaf finds it. */
    public static void bring(Karaf karaf) throws IOException {
        copy(Karaf.UNDER_TEST.resolve("repository"), karaf.file("system"));
    }

    /** Takes them and the repository away. */
    public void uninstall() throws IOException {
        karaf.succeed("feature:uninstall -r " + names);
        karaf.succeed("feature:repo-remove " + repository);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
