package org.handoff.worker.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.handoff.worker.protocol.generation.ConfigurationFile;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.osgi.framework.Constants;

/**
 * A generation of one bundle with one handler and its configuration, as a pool would write it, so that the archive has the classes that each
 * bundle needs.
 */
final class WarmUpBundle {

    private static final String CLASS = WarmHandler.class.getName().replace('.', '/') + ".class";
    private static final String COMPONENT = "OSGI-INF/component.xml";

    private WarmUpBundle() {}

    /** Writes the bundle and the generation file into a directory. @return the generation file */
    static Path write(Path directory) throws IOException {
        Path jar = directory.resolve("warm-up.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest());
                InputStream type = WarmUpBundle.class.getResourceAsStream("/" + CLASS)) {
            out.putNextEntry(new JarEntry(COMPONENT));
            out.write(component().getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry(CLASS));
            type.transferTo(out);
        }
        Path file = directory.resolve("generation.properties");
        HandlerEntry handler = new HandlerEntry(1, 1, WarmHandler.class.getName(), List.of("/"), "");
        Path configuration = directory.resolve("configuration");
        Files.write(configuration, ConfigurationFile.bytes(Map.of(Constants.SERVICE_PID, WarmHandler.class.getName())));
        new GenerationFile(
                        1,
                        new TreeMap<>(Map.of(1, jar)),
                        List.of(handler),
                        new TreeMap<>(Map.of(1, configuration)),
                        List.of(),
                        Map.of(),
                        Map.of())
                .write(file);
        return file;
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.putValue("Manifest-Version", "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "org.handoff.warm-up");
        headers.putValue("Import-Package", "org.handoff.worker.api;version=\"[1.0,2)\"");
        headers.putValue(
                "Require-Capability",
                "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\",osgi.extender;"
                        + "filter:=\"(&(osgi.extender=osgi.component)(version>=1.4.0)(!(version>=2.0.0)))\"");
        headers.putValue("Service-Component", COMPONENT);
        return manifest;
    }

    private static String component() {
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%1$s">
              <property name="handoff.context" value="/"/>
              <service>
                <provide interface="org.handoff.worker.api.Handler"/>
              </service>
              <implementation class="%1$s"/>
            </scr:component>
            """.formatted(WarmHandler.class.getName());
    }
}
