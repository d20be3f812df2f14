package org.handoff.itests.karaf;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.testkit.Ports;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.ops4j.pax.exam.Option;

/**
 * Gives test classes an unchanged Karaf, told only where the features and bundles of this build are (no download,
 * nothing installed), with the feature handoff; started once for all of them. A test class leaves it as it found it.
 */
public final class StockKaraf implements ParameterResolver {

    private static final String PAX_URL = "etc/org.ops4j.pax.url.mvn.cfg";

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Karaf.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(StockKaraf.class))
                .getOrComputeIfAbsent(Karaf.class, key -> start(), Karaf.class);
    }

    private static Karaf start() {
        try {
            int port = Ports.free();
            Karaf karaf = Karaf.start(Karaf.UNDER_TEST.resolve("stock-karaf.tar.gz"), port, repositories());
            try {
                install(karaf, port);
                return karaf;
            } catch (IOException | AssertionError e) {
                karaf.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Option[] repositories() throws IOException {
        Path copies = Karaf.FOLDER.resolve("stock-repository");
        // Left by the last run: a snapshot that is there is not looked up again.
        Delete.tree(copies);
        String built = Path.of(System.getProperty("handoff.repository"))
                .normalize()
                .toUri()
                .toString();
        return new Option[] {
            editConfigurationFilePut(PAX_URL, "org.ops4j.pax.url.mvn.repositories", built + "@id=handoff@snapshots"),
            editConfigurationFilePut(PAX_URL, "org.ops4j.pax.url.mvn.localRepository", copies.toString())
        };
    }

    private static void install(Karaf karaf, int port) throws IOException {
        // A port of its own before the feature comes, whose configuration file does not replace one that is there.
        Files.writeString(karaf.file("etc/org.handoff.monitor.cfg"), "address = 127.0.0.1\nport = " + port + "\n");
        String version = System.getProperty("handoff.version");
        karaf.succeed("feature:repo-add mvn:org.handoff/handoff-features/" + version + "/xml/features");
        karaf.install("handoff");
        karaf.await(
                "the feature handoff", () -> karaf.shell("feature:list -i").matches("(?s).*\\bhandoff .*Started.*"));
        karaf.await("the monitor to listen", () -> karaf.get("/hello").status() == 404);
        assertTrue(Files.exists(karaf.file("etc/org.handoff.pool-default.cfg")));
    }
}
