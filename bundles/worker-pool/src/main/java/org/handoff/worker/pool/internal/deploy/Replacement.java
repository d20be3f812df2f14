package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.ZipFile;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out why a bundle has gone: for good, or because its file was replaced by one that Karaf does not install. The
 * framework does not tell, so the files are inspected.
 */
final class Replacement {

    private static final Logger LOG = LoggerFactory.getLogger(Replacement.class);

    private static final String MAVEN = "mvn:";

    private final BundleContext context;
    private final Path kars;

    /** @param kars the folder where Karaf unpacks its archives, each into a folder of its own */
    Replacement(BundleContext context, Path kars) {
        this.context = context;
        this.kars = kars;
    }

    /**
     * The fault of the file that replaced an uninstalled bundle.
     *
     * @param modified when the bundle was last modified, while it was installed
     * @return empty if no file has replaced it, or one that Karaf does install
     */
    String problem(Bundle bundle, long modified) {
        String location = bundle.getLocation();
        if (location.startsWith("file:")) {
            return isBrokenFile(location)
                    ? "its file " + location + " is not a jar that Karaf can install: replace it by a whole one, or "
                            + "remove it"
                    : "";
        }
        return location.startsWith(MAVEN) ? ofArtifact(location, modified) : "";
    }

    private static boolean isBrokenFile(String location) {
        try {
            Path file = Path.of(URI.create(location));
            if (Files.isRegularFile(file)) {
                new ZipFile(file.toFile()).close();
            }
            return false;
        } catch (IOException e) {
            return true;
        } catch (IllegalArgumentException e) {
            LOG.debug("no file is at {}", location, e);
            return false;
        }
    }

    /** Karaf uninstalls the feature of an archive's former version before it tries to install that of the new one. */
    private String ofArtifact(String location, long modified) {
        // Group, artifact and version; a type and a classifier may follow.
        String[] parts = location.substring(MAVEN.length()).split("/", 4);
        if (parts.length < 3) {
            return "";
        }
        Path artifact = Path.of(parts[0].replace('.', '/'), parts[1]);
        String rest = parts.length == 4 ? "/" + parts[3] : "";
        try (DirectoryStream<Path> archives = Files.newDirectoryStream(kars)) {
            for (Path archive : archives) {
                String missing = newer(archive.resolve(artifact), modified);
                String now = MAVEN + parts[0] + "/" + parts[1] + "/" + missing + rest;
                if (!missing.isEmpty() && context.getBundle(now) == null) {
                    return "the archive " + archive.getFileName() + " in deploy/ has " + now
                            + ", which Karaf does not install: the log says why";
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("no archive has ever been deployed", e);
        } catch (IOException e) {
            LOG.warn("Cannot look for a replacement of {} in {}; it counts as removed", location, kars, e);
        }
        return "";
    }

    /** The version of an artifact that came after that time; empty for none. */
    private static String newer(Path artifact, long modified) throws IOException {
        if (Files.isDirectory(artifact)) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(artifact)) {
                for (Path version : versions) {
                    if (Files.getLastModifiedTime(version).toMillis() > modified) {
                        return version.getFileName().toString();
                    }
                }
            }
        }
        return "";
    }
}
