package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.config.ServletSettings;
import org.handoff.worker.pool.internal.deploy.HandlerFiles;
import org.handoff.worker.pool.internal.plan.Want;
import org.handoff.worker.protocol.generation.ConfigurationFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/** What a pool's key {@code servlets} finds in Karaf. */
class PoolServletsTest {

    private static final String PATTERN = "osgi.http.whiteboard.servlet.pattern";
    private static final String NAME = "osgi.http.whiteboard.context.name";
    private static final String PATH = "osgi.http.whiteboard.context.path";
    private static final String SELECT = "osgi.http.whiteboard.context.select";
    private static final String TARGET = "osgi.http.whiteboard.target";
    private static final String SHOP = "(bundle=shop)";

    @TempDir
    Path folder;

    private FakeKaraf karaf;
    private final Queue<Runnable> due = new ArrayDeque<>();
    private int changes;

    @BeforeEach
    void installWhiteboard() {
        karaf = new FakeKaraf(folder);
        karaf.bundle("org.handoff.servlet");
    }

    private PoolServlets pool(String filter) throws Exception {
        return pool(settings(filter, ""), null);
    }

    private PoolServlets pool(ServletSettings settings, Filter database) {
        return new PoolServlets(karaf.framework(), "web", settings, database, executor(), () -> changes++);
    }

    private static ServletSettings settings(String filter, String host) throws Exception {
        return new ServletSettings(FrameworkUtil.createFilter(filter), host, List.of("SameSite=Lax"));
    }

    private ScheduledExecutorService executor() {
        return Fake.of(ScheduledExecutorService.class, (method, arguments) -> switch (method) {
            case "schedule" -> {
                due.add((Runnable) arguments[0]);
                yield null;
            }
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private List<Want> wants(PoolServlets pool) throws Exception {
        try (HandlerFiles files = karaf.files()) {
            return pool.wants(files);
        }
    }

    /** What the workers' Whiteboard is told. */
    private static List<String> told(Want want, String key) throws Exception {
        return List.of((String[]) configuration(want).get(key));
    }

    private static Map<String, Object> configuration(Want want) throws Exception {
        return ConfigurationFile.read(want.code().configurations().get("org.handoff.servlet"));
    }

    @Test
    void servletWhosePatternStandsInItsConfigurationIsFound() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("cart", Map.of(PATTERN, "/cart"));
        shop.service(Map.of("component.name", "cart", PATTERN, "/cart"));
        shop.component("products", Map.of("title", "Products"));
        shop.service(Map.of("component.name", "products", PATTERN, "/products"));
        PoolServlets pool = pool("(osgi.http.whiteboard.servlet.pattern=/products)");
        Want want = wants(pool).get(0);
        assertEquals(List.of("/cart", "/products"), want.contexts());
        assertEquals(List.of("cart", "products"), told(want, "service.components"), "each once");

        shop.state = Bundle.RESOLVED;
        karaf.unregisterAll();
        want = wants(pool).get(0);
        assertEquals(List.of("/cart", "/products"), want.contexts(), "while its bundle is updated");
        assertNull(want.code());
    }

    @Test
    void contextsAreThoseOfTheServletContextsThatWorkersHave() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of(PATTERN, "/cart"));
        shop.service(Map.of(PATTERN, "/all", SELECT, "(|(" + NAME + "=default)(" + NAME + "=staff))"));
        shop.service(Map.of(NAME, "shop", PATH, "/shop"));
        karaf.bundle("staff").service(Map.of(NAME, "staff", PATH, "/staff"));
        assertEquals(
                List.of("/all", "/cart"),
                wants(pool("(" + PATTERN + "=/cart)")).get(0).contexts());
        assertEquals(
                List.of("/all", "/cart", "/staff/all"),
                wants(pool("(" + PATTERN + "=/all)")).get(0).contexts());
    }

    @Test
    void componentWithoutItsConfigurationIsLeftOutWithARemark() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("cart", Map.of(PATTERN, "/cart"));
        FakeKaraf.Component orders = shop.component("orders", Map.of(PATTERN, "/orders"));
        orders.requireConfiguration();
        PoolServlets pool = pool(SHOP);
        Want want = wants(pool).get(0);
        assertEquals(List.of("/cart"), want.contexts());
        assertEquals(List.of("cart"), told(want, "service.components"));
        assertEquals(
                "left out: the component orders of bundle shop: its component waits for the configuration orders",
                want.remark());

        karaf.pids.add("orders");
        want = wants(pool).get(0);
        assertEquals(List.of("/cart", "/orders"), want.contexts());
        assertNull(want.code(), "the component runtime is late");
        orders.configure(Map.of());
        want = wants(pool).get(0);
        assertEquals(List.of("cart", "orders"), told(want, "service.components"));
        assertEquals("", want.remark());
    }

    @Test
    void serviceForAnotherWhiteboardIsLeftOutWithARemark() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of(PATTERN, "/cart", TARGET, "(osgi.http.endpoint=*)"));
        shop.service(Map.of(PATTERN, "/admin", TARGET, "(osgi.http.endpoint=*:8181*)"));
        shop.service(Map.of(NAME, "staff", PATH, "/staff", TARGET, "(http.name=staff)"));
        shop.service(Map.of(PATTERN, "/orders", SELECT, "(" + NAME + "=staff)", TARGET, "(no filter"));
        Want want = wants(pool(SHOP)).get(0);
        assertEquals(List.of("/cart"), want.contexts());
        assertEquals(1, told(want, "service.filters").size());
        assertEquals(
                List.of("(osgi.http.endpoint=*:8181*)", "(http.name=staff)", "(no filter"),
                Stream.of(want.remark().split("; "))
                        .map(one -> one.replaceFirst(".*a service of bundle shop: its " + TARGET + " = ", "")
                                .replaceFirst(" is for another Whiteboard: .*", ""))
                        .toList());
    }

    @Test
    void nothingButWhatIsLeftOutIsAProblem() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("orders", Map.of(PATTERN, "/orders")).requireConfiguration();
        PoolServlets pool = pool(SHOP);
        assertEquals(List.of(), wants(pool));
        assertTrue(
                pool.problem()
                        .endsWith("; left out: the component orders of bundle shop: its component waits for the "
                                + "configuration orders"),
                pool.problem());
    }

    /** Servlets have nowhere to be without it. */
    @Test
    void servletContextWithoutItsConfigurationIsWaitedFor() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("context", Map.of(NAME, "shop", PATH, "/shop")).requireConfiguration();
        shop.component("cart", Map.of(PATTERN, "/cart", SELECT, "(" + NAME + "=shop)"));
        Want want = wants(pool(SHOP)).get(0);
        assertEquals(List.of("/shop/cart"), want.contexts());
        assertNull(want.code());
        assertEquals(
                "the component context of bundle shop: its component waits for the configuration context",
                want.remark());
    }

    @Test
    void applicationIsTheCodeOfTheWhiteboardAndAllItsBundles() throws Exception {
        karaf.bundle("other").service(Map.of(PATTERN, "/other"));
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of(PATTERN, new String[] {"/cart", "/orders/*"}));
        shop.component("products", Map.of(PATTERN, "/products"));
        Want want = wants(pool(SHOP)).get(0);
        assertEquals("shop 1.0.0 [3]", want.label());
        assertEquals(List.of("/cart", "/orders", "/products"), want.contexts());
        assertEquals(
                List.of("1-1.jar", "3-1.jar"),
                want.code().bundles().stream()
                        .map(one -> one.getFileName().toString())
                        .toList());
        assertEquals(want.contexts(), told(want, "contexts"));
        assertEquals(List.of("shop", "shop"), told(want, "service.bundles"));
        assertEquals(List.of("products", ""), told(want, "service.components"));
        assertEquals(
                List.of(
                        "(&(component.name=products)(" + PATTERN + "=/products))",
                        "(&(" + PATTERN + "=/cart)(" + PATTERN + "=/orders/\\*))"),
                told(want, "service.filters"));
    }

    @Test
    void filterThatSelectsNothingIsAProblemUntilItSelectsSomething() throws Exception {
        PoolServlets pool = pool(SHOP);
        assertEquals("", pool.problem());
        assertEquals(List.of(), wants(pool));
        assertTrue(pool.problem().contains(SHOP + " selects no service"), pool.problem());
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of("osgi.http.whiteboard.filter.pattern", "/*"));
        assertEquals(1, changes);
        assertEquals(List.of(), wants(pool));
        assertTrue(pool.problem().contains(SHOP + " selects no servlet and no resource"), pool.problem());
        shop.service(Map.of(PATTERN, "/cart"));
        assertEquals(2, changes);
        assertEquals(1, wants(pool).size());
        assertEquals("", pool.problem());
    }

    @Test
    void patternThatIsNoContextIsAProblem() throws Exception {
        karaf.bundle("shop").service(Map.of(PATTERN, "/a/../b"));
        PoolServlets pool = pool(SHOP);
        assertEquals(List.of(), wants(pool));
        assertTrue(pool.problem().contains("/a/../b"), pool.problem());
    }

    @Test
    void applicationWaitsForWhatOneOfItsServicesLacks() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("cart", Map.of(PATTERN, "/cart"));
        shop.component("products", Map.of(PATTERN, "/products")).lacks("org.example.Database");
        PoolServlets pool = pool(SHOP);
        Want want = wants(pool).get(0);
        assertNull(want.code());
        assertEquals("the component products of bundle shop: there is no service org.example.Database", want.remark());
        assertTrue(pool.awaits("org.example.Database"));
        assertFalse(pool.awaits("org.example.Other"));
    }

    @Test
    void applicationWaitsForTheWhiteboardOfWorkers() throws Exception {
        karaf = new FakeKaraf(folder);
        karaf.bundle("shop").service(Map.of(PATTERN, "/cart"));
        Want want = wants(pool(SHOP)).get(0);
        assertNull(want.code());
        assertTrue(want.remark().endsWith("feature:install handoff-servlet"), want.remark());
    }

    @Test
    void applicationWaitsForTheDatabaseOfItsSessions() throws Exception {
        karaf.bundle("shop").service(Map.of(PATTERN, "/cart"));
        Filter database = FrameworkUtil.createFilter("(name=nowhere)");
        PoolServlets pool = pool(settings(SHOP, ""), database);
        Want want = wants(pool).get(0);
        assertNull(want.code());
        assertEquals("there is no service javax.sql.DataSource with (name=nowhere) for the sessions", want.remark());
        assertTrue(pool.isOf(settings(SHOP, ""), database));
        assertFalse(pool.isOf(settings(SHOP, ""), null));
        assertFalse(pool.isOf(settings(SHOP, "example.org"), database));
        assertFalse(pool.isOf(settings("(bundle=other)", ""), database));
    }

    @Test
    void hostOfThePoolIsThatOfItsServletsAndOfItsWhiteboard() throws Exception {
        karaf.bundle("shop").service(Map.of(PATTERN, "/cart"));
        Want any = wants(pool(SHOP)).get(0);
        assertEquals("", any.host());
        assertEquals("/", configuration(any).get("endpoint"));
        assertEquals(List.of("SameSite=Lax"), told(any, "cookie"));
        Want one = wants(pool(settings(SHOP, "example.org"), null)).get(0);
        assertEquals("example.org", one.host());
        assertEquals("http://example.org/", configuration(one).get("endpoint"));
    }

    @Test
    void whiteboardOfAWebContainerIsReplacedByThatOfWorkers() {
        assertTrue(PoolServlets.isReplaced(implementation("osgi.http", "org.ops4j.pax.web")));
        assertFalse(PoolServlets.isReplaced(implementation("osgi.http", "org.handoff.servlet")));
        assertFalse(PoolServlets.isReplaced(implementation("osgi.other", "org.ops4j.pax.web")));
    }

    private static BundleCapability implementation(String name, String bundle) {
        return Fake.of(BundleCapability.class, (method, arguments) -> switch (method) {
            case "getNamespace" -> "osgi.implementation";
            case "getAttributes" -> Map.of("osgi.implementation", name);
            case "getRevision" -> Fake.of(BundleRevision.class, (symbolicName, none) -> bundle);
            default -> throw new UnsupportedOperationException(method);
        });
    }

    @Test
    void removedOneLooksNoLonger() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.component("products", Map.of(PATTERN, "/products"));
        shop.state = Bundle.RESOLVED;
        shop.isToRun = false;
        PoolServlets pool = pool(SHOP);
        wants(pool);
        due.remove().run();
        assertEquals(1, due.size(), "it looks for the start of the stopped bundle");
        pool.stop();
        due.remove().run();
        assertEquals(0, due.size());
        wants(pool);
        assertEquals(0, due.size());
        assertEquals(0, karaf.listeners());
    }
}
