package org.handoff.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A small bundle with handlers, made of classes of the tests. */
public final class TestBundle {

    private final String name;
    private final Manifest manifest = new Manifest();
    private final Map<String, byte[]> content = new LinkedHashMap<>();

    /** @param name the symbolic one */
    public TestBundle(String name) {
        this.name = name;
        header("Manifest-Version", "1.0");
        header("Bundle-ManifestVersion", "2");
        header("Bundle-SymbolicName", name);
        header("Bundle-Version", "1.0.0");
        header("Import-Package", "org.handoff.worker.api;version=\"[1,2)\",org.slf4j;version=\"[1.7,2)\"");
        header(
                "Require-Capability",
                "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\",osgi.extender;"
                        + "filter:=\"(&(osgi.extender=osgi.component)(version>=1.4.0)(!(version>=2.0.0)))\"");
    }

    /** Sets a header, in place of the one that it has by default. */
    public TestBundle header(String header, String value) {
        manifest.getMainAttributes().put(new Attributes.Name(header), value);
        return this;
    }

    /** Adds a class. */
    public TestBundle with(Class<?> type) throws IOException {
        String path = type.getName().replace('.', '/') + ".class";
        try (InputStream in = type.getClassLoader().getResourceAsStream(path)) {
            content.put(path, in.readAllBytes());
        }
        return this;
    }

    /** Adds a component that provides a handler; further elements as in its XML. */
    public TestBundle component(Class<?> type, String context, String elements) throws IOException {
        String path = "OSGI-INF/" + type.getSimpleName() + ".xml";
        String attributes = elements.contains("configuration-policy") ? elements : "";
        with(
                path,
                "<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.5.0\" name=\"" + type.getName()
                        + "\" " + attributes + "><implementation class=\"" + type.getName() + "\"/>"
                        + "<service><provide interface=\"org.handoff.worker.api.Handler\"/></service>"
                        + "<property name=\"handoff.context\" value=\"" + context + "\"/>"
                        + (attributes.isEmpty() ? elements : "") + "</scr:component>");
        return header("Service-Component", path).with(type);
    }

    /** Adds a file. */
    public TestBundle with(String path, String text) {
        content.put(path, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Makes the jar in a folder. @return its path */
    public Path write(Path directory) throws IOException {
        Path jar = directory.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            for (Map.Entry<String, byte[]> entry : content.entrySet()) {
                entries.putNextEntry(new JarEntry(entry.getKey()));
                entries.write(entry.getValue());
            }
        }
        return jar;
    }
}
