package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Manifest;

import org.handoff.http.routing.RequestTarget;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.handoff.worker.runtime.bundles.Hello;
import org.handoff.worker.runtime.bundles.Keeping;
import org.handoff.worker.runtime.bundles.Store;
import org.handoff.worker.runtime.handler.FrameworkContents;
import org.handoff.worker.runtime.handler.HandlerFramework;
import org.handoff.worker.runtime.handler.Handlers;
import org.handoff.worker.runtime.handler.Provided;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** The framework and its handlers, in this process. */
class HandlersTest {

    @TempDir
    Path directory;

    private HandlerFramework framework;

    private Handlers start(List<HandlerEntry> handlers, TestBundle... bundles) throws Exception {
        TreeMap<Integer, Path> paths = new TreeMap<>();
        for (TestBundle bundle : bundles) {
            paths.put(paths.size() + 1, bundle.write(directory));
        }
        GenerationFile generation = new GenerationFile(1, paths, handlers);
        framework = HandlerFramework.start(generation);
        return Handlers.find(generation, framework);
    }

    private static TestBundle hello() throws Exception {
        return new TestBundle("hello").component(Hello.class, "/hello", "");
    }

    private static HandlerEntry entry(int number, int bundle, Class<?> component, String host, String... contexts) {
        return new HandlerEntry(number, bundle, component.getName(), List.of(contexts), host);
    }

    /** The first row of the framework's contents with that cell. */
    private List<String> row(Inspect.Subject subject, int column, String cell) {
        return new FrameworkContents(framework)
                .of(subject).stream()
                        .filter(row -> row.get(column).equals(cell))
                        .findFirst()
                        .orElseThrow();
    }

    @AfterEach
    void stop() {
        framework.close();
    }

    @Test
    void routesByContextAndHost() throws Exception {
        Handlers handlers = start(List.of(entry(1, 1, Hello.class, "www.example.org", "/hello", "/")), hello());
        assertEquals(
                "/hello",
                handlers.route(new RequestTarget("www.example.org", "/hello/x", ""))
                        .context());
        assertEquals(
                "/",
                handlers.route(new RequestTarget("www.example.org", "/x", "")).context());
        assertNull(handlers.route(new RequestTarget("other.example.org", "/hello", "")));
    }

    @Test
    void filesAreServedWithoutABundle() throws Exception {
        Path none = directory.resolve("none");
        Handlers handlers = start(List.of(
                HandlerEntry.ofFiles(1, directory, List.of("/static"), ""),
                HandlerEntry.ofFiles(2, none, List.of("/none"), "")));
        assertEquals(
                "/static",
                handlers.route(new RequestTarget("h", "/static/x", "")).context());
        assertEquals(Map.of(2, none + " is not a folder that this worker may search"), handlers.failures());
        assertNull(handlers.route(new RequestTarget("h", "/none/x", "")));
    }

    @Test
    void activatesTheComponentsThatWaitForAWorker() throws Exception {
        Handlers handlers = start(
                List.of(entry(1, 1, Hello.class, "", "/hello")),
                new TestBundle("hello")
                        .component(
                                Hello.class,
                                "/hello",
                                "<property name=\"" + "osgi.ds.satisfying.condition.target\" value=\""
                                        + HandoffContext.IN_WORKERS + "\"/>"));
        assertEquals(Collections.emptySortedMap(), handlers.failures());
    }

    @Test
    void namesTheInnermostCauseOfAChainThatDoesNotResolve() throws Exception {
        Handlers handlers = start(
                List.of(entry(1, 1, Hello.class, "", "/hello")),
                hello().header("Import-Package", "org.handoff.worker.api,org.slf4j,org.middle"),
                new TestBundle("middle")
                        .header("Export-Package", "org.middle;version=1.0.0")
                        .header("Import-Package", "org.nowhere"));
        assertEquals(
                "the bundle hello 1.0.0 does not resolve: package org.nowhere is missing, which bundle middle "
                        + "needs",
                handlers.failures().get(1));
        assertEquals(
                List.of("Installed", "hello", "1.0.0", handlers.failures().get(1)),
                row(Inspect.Subject.BUNDLES, 2, "hello").subList(1, 5));
    }

    @Test
    void namesTheReasonBehindAMissingService() throws Exception {
        Handlers handlers = start(
                List.of(entry(1, 1, Keeping.class, "", "/kept")),
                new TestBundle("keeping")
                        .with(Store.class)
                        .header("Export-Package", Store.class.getPackageName())
                        .component(
                                Keeping.class,
                                "/kept",
                                "<reference name=\"store\" interface=\"" + Store.class.getName()
                                        + "\" bind=\"bind\"/>"),
                new TestBundle("storing")
                        .header("Import-Package", Store.class.getPackageName())
                        .header("Service-Component", "OSGI-INF/store.xml")
                        .with(
                                "OSGI-INF/store.xml",
                                "<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.4.0\" "
                                        + "name=\"DiskStore\"><implementation class=\"none\"/><service><provide interface=\""
                                        + Store.class.getName()
                                        + "\"/></service><reference name=\"disk\" interface=\"org.x.Disk\"/>"
                                        + "</scr:component>"));
        assertEquals(
                "the component " + Keeping.class.getName() + " lacks the service " + Store.class.getName()
                        + " (the component DiskStore lacks the service org.x.Disk)",
                handlers.failures().get(1));
        assertEquals(
                List.of("DiskStore", "storing", "unsatisfied", "the component DiskStore lacks the service org.x.Disk"),
                row(Inspect.Subject.COMPONENTS, 0, "DiskStore"));
        String scr = "org.apache.felix.scr";
        assertEquals(
                scr,
                row(Inspect.Subject.SERVICES, 0, ServiceComponentRuntime.class.getName())
                        .get(1));
    }

    @Test
    void takesNoHandlerOfAnotherApiPackage() throws Exception {
        Handlers handlers = start(
                List.of(entry(1, 1, Hello.class, "", "/hello")),
                hello().with(Handler.class)
                        .with(org.handoff.worker.api.Request.class)
                        .with(org.handoff.worker.api.Response.class)
                        .header("Import-Package", "org.slf4j"));
        assertEquals(
                "the component " + Hello.class.getName()
                        + " provides no service org.handoff.worker.api.Handler of this worker's package",
                handlers.failures().get(1));
    }

    @Test
    void saysWhichBundleIsNotThere() throws Exception {
        GenerationFile generation = new GenerationFile(
                1,
                new TreeMap<>(Map.of(1, directory.resolve("none.jar"))),
                List.of(entry(1, 1, Hello.class, "", "/hello")));
        framework = HandlerFramework.start(generation);
        String reason = Handlers.find(generation, framework).failures().get(1);
        assertEquals(
                "the bundle " + directory.resolve("none.jar") + " cannot be installed",
                reason.substring(0, reason.indexOf(": ")));
    }

    @Test
    void attachesFragments() throws Exception {
        Handlers handlers = start(
                List.of(entry(1, 1, Hello.class, "", "/hello")),
                hello().header("Import-Package", "org.handoff.worker.api")
                        .header("Service-Component", "OSGI-INF/Hello.xml"),
                new TestBundle("fragment").header("Fragment-Host", "hello").header("Import-Package", "org.slf4j"));
        assertEquals(Collections.emptySortedMap(), handlers.failures());
        assertNotNull(handlers.route(new RequestTarget("", "/hello", "")));
    }

    @Test
    void resolvesBundlesBuiltAgainstEitherSlf4jAndAnyJavaSupported() throws Exception {
        start(
                List.of(),
                new TestBundle("old").header("Import-Package", "org.slf4j;version=\"[1.7,2)\""),
                new TestBundle("new").header("Import-Package", "org.slf4j;version=\"[2.0,3)\",org.slf4j.event"),
                new TestBundle("old8")
                        .header("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=1.8))\""),
                new TestBundle("both")
                        .header(
                                "Import-Package",
                                "org.osgi.util.promise;version=\"[1.3,2)\","
                                        + "org.osgi.service.component;version=\"[1.5,2)\",org.osgi.util.function;version=\"[1.2,2)\""));
        for (int number = 1; number <= 4; number++) {
            assertFalse(framework.failure(number).isPresent(), framework.failure(number)::toString);
        }
    }

    /** What the worker says it provides is what its class path really has. */
    @Test
    void providesPackagesInTheVersionsOfTheirJars() throws Exception {
        framework = HandlerFramework.start(GenerationFile.EMPTY);
        Map<String, String> exports = new HashMap<>();
        for (URL manifest : Collections.list(getClass().getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
            if (manifest.toString().matches(".*(slf4j|log4j-api|org\\.osgi\\.|worker-api|configadmin).*")) {
                String exported =
                        new Manifest(manifest.openStream()).getMainAttributes().getValue("Export-Package");
                if (exported != null) {
                    exports.put(manifest.toString(), exported);
                }
            }
        }
        for (String clause : Provided.packages().split(",")) {
            String name = clause.split(";")[0].strip();
            String version = clause.split("\"")[1].replaceFirst("^(\\d+\\.\\d+)\\.0$", "$1");
            // Those of Karaf's pax-logging-api, which exports them in other versions than their jars.
            String jars = name.matches("org\\.apache\\.(logging\\.log4j|commons\\.logging).*") ? "[\\d.]+" : version;
            if (!version.startsWith("1.7.")) {
                assertFalse(
                        exports.values().stream()
                                .noneMatch(exported -> exported.matches("(.*,)?" + name.replace(".", "\\.")
                                        + "(;uses:=\"[^\"]*\")?;version=\"?" + jars + "(\\.0)?[\",;].*")),
                        () -> clause + " is in none of " + exports);
            }
        }
    }
}
