package org.handoff.itests.karaf;

import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

import org.handoff.testkit.Ports;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test classes our distribution, started once for all of them with the two examples deployed, and stopped after
 * the last. A test class leaves it as it found it.
 */
public final class OurKaraf implements ParameterResolver {

    private static final String CFG = "etc/org.handoff.monitor.cfg";

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Karaf.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(OurKaraf.class))
                .getOrComputeIfAbsent(Karaf.class, key -> start(), Karaf.class);
    }

    private static Karaf start() {
        try {
            return start(Karaf.UNDER_TEST.resolve("our-karaf.tar.gz"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one for a test that ends it, in a folder of that name; the caller closes it. */
    public static Karaf startAnother(String name) throws IOException {
        return start(archive(name));
    }

    /** The distribution under another name: a Karaf is unpacked into the folder of its archive's name. */
    public static Path archive(String name) throws IOException {
        return Files.copy(
                Karaf.UNDER_TEST.resolve("our-karaf.tar.gz"),
                Karaf.FOLDER.resolve(name + ".tar.gz"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static Karaf start(Path archive) throws IOException {
        int port = Ports.free();
        Karaf karaf = Karaf.start(
                archive,
                port,
                editConfigurationFilePut(CFG, "address", "127.0.0.1"),
                editConfigurationFilePut(CFG, "port", Integer.toString(port)));
        try {
            karaf.await("the monitor to listen", () -> karaf.get("/").status() > 0);
            // Many tests wait until what they undeployed is gone. Pax Exam would drop the file's comments.
            karaf.configure(Workers.CFG, "settle.time", "1");
            for (String example : List.of("hello.jar", "digest.jar")) {
                karaf.deploy(Karaf.UNDER_TEST.resolve(example), example);
            }
            karaf.awaitStatus(200, "/hello");
            karaf.awaitStatus(200, "/digest?bytes=1");
            return karaf;
        } catch (AssertionError e) {
            karaf.close();
            throw e;
        }
    }
}
