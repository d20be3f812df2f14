import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import javax.tools.ToolProvider;

/**
 * Makes bundles with a handler each, in a package of its own, for {@code /many/1} and so on. The API of handlers is on
 * the class path. Arguments: the folder, which is made, and how many.
 */
public final class Bundles {

    private final Path folder;
    private final Path classes;

    private Bundles(Path folder) throws IOException {
        this.folder = folder;
        this.classes = Files.createDirectories(folder.resolve("classes"));
    }

    public static void main(String[] arguments) throws IOException {
        Bundles bundles = new Bundles(Path.of(arguments[0]));
        int count = Integer.parseInt(arguments[1]);
        bundles.compile(count);
        for (int i = 1; i <= count; i++) {
            bundles.write(i);
        }
    }

    private void compile(int count) throws IOException {
        List<String> options = new ArrayList<>(List.of("--release", "17", "-d", classes.toString(),
                "-cp", System.getProperty("java.class.path")));
        for (int i = 1; i <= count; i++) {
            Path source = Files.createDirectories(folder.resolve("sources/" + i)).resolve("Answer.java");
            Files.writeString(source, """
                    package org.example.many%d;

                    import org.handoff.worker.api.Handler;
                    import org.handoff.worker.api.Request;
                    import org.handoff.worker.api.Response;

                    public class Answer implements Handler {
                        @Override
                        public void handle(Request request, Response response) {
                            response.send("%d\\n");
                        }
                    }
                    """.formatted(i, i));
            options.add(source.toString());
        }
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(String[]::new)) != 0) {
            throw new IOException("The handlers do not compile");
        }
    }

    private void write(int number) throws IOException {
        String name = "org.example.many" + number;
        String type = name.replace('.', '/') + "/Answer.class";
        try (OutputStream out = Files.newOutputStream(folder.resolve("many-" + number + ".jar"));
                JarOutputStream jar = new JarOutputStream(out, manifest(name))) {
            jar.putNextEntry(new JarEntry("OSGI-INF/answer.xml"));
            jar.write(component(name + ".Answer", number).getBytes(StandardCharsets.UTF_8));
            jar.putNextEntry(new JarEntry(type));
            Files.copy(classes.resolve(type), jar);
        }
    }

    private static Manifest manifest(String name) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.putValue("Manifest-Version", "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", name);
        headers.putValue("Bundle-Version", "1.0.0");
        headers.putValue("Import-Package", "org.handoff.worker.api;version=\"[1.0,2)\"");
        headers.putValue("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\",osgi.extender;"
                + "filter:=\"(&(osgi.extender=osgi.component)(version>=1.5.0)(!(version>=2.0.0)))\"");
        headers.putValue("Provide-Capability", "osgi.service;objectClass:List<String>=\"org.handoff.worker.api.Handler\";"
                + "uses:=\"org.handoff.worker.api\"");
        headers.putValue("Service-Component", "OSGI-INF/answer.xml");
        return manifest;
    }

    private static String component(String type, int number) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.5.0" name="%1$s">
                  <property name="handoff.context" type="String" value="/many/%2$d"/>
                  <property name="osgi.ds.satisfying.condition.target" type="String"
                      value="(osgi.condition.id=org.handoff.worker)"/>
                  <service>
                    <provide interface="org.handoff.worker.api.Handler"/>
                  </service>
                  <implementation class="%1$s"/>
                </scr:component>
                """.formatted(type, number);
    }
}
