package org.handoff.worker.pool.internal.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;

/** Which bundles belong to the application that a filter selects. */
class ApplicationTest {

    private static final String NAME = "osgi.http.whiteboard.context.name";
    private static final String PATH = "osgi.http.whiteboard.context.path";
    private static final String SELECT = "osgi.http.whiteboard.context.select";
    private static final String PATTERN = "osgi.http.whiteboard.servlet.pattern";
    private static final String GUARDED = "osgi.http.whiteboard.filter.pattern";

    private static final Map<String, Object> OF_POOL = Map.of("osgi.http.endpoint", "/", "handoff.pool", "web");

    @TempDir
    Path folder;

    private FakeKaraf karaf;

    @BeforeEach
    void start() {
        karaf = new FakeKaraf(folder);
    }

    private static Map<String, String> context(String name) {
        return Map.of(NAME, name, PATH, "/" + name);
    }

    private static Map<String, String> servlet(String pattern, String context) {
        return Map.of(PATTERN, pattern, SELECT, "(" + NAME + "=" + context + ")");
    }

    private static Map<String, String> filter(String pattern, String context) {
        return Map.of(GUARDED, pattern, SELECT, "(" + NAME + "=" + context + ")");
    }

    private Application application(String filter) throws Exception {
        return Application.of(karaf.declared(), FrameworkUtil.createFilter(filter), OF_POOL);
    }

    private List<String> bundles(String filter) throws Exception {
        return application(filter).services().stream()
                .map(one -> one.bundle().getSymbolicName())
                .distinct()
                .toList();
    }

    @Test
    void allServicesOfABundleComeAlongAndNothingElse() throws Exception {
        karaf.bundle("other").service(Map.of(PATTERN, "/other"));
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of(PATTERN, "/cart"));
        shop.service(Map.of(PATTERN, "/products"));
        assertEquals(2, application("(" + PATTERN + "=/cart)").services().size());
        assertEquals(List.of("shop"), bundles("(" + PATTERN + "=/cart)"));
        assertEquals(List.of(), bundles("(" + PATTERN + "=/nothing)"));
    }

    @Test
    void contextBringsWhateverIsForIt() throws Exception {
        karaf.bundle("servlets").service(servlet("/cart", "shop"));
        karaf.bundle("contexts").service(context("shop"));
        karaf.bundle("filters").service(filter("/*", "shop"));
        karaf.bundle("everywhere").service(filter("/*", "*"));
        karaf.bundle("others").service(servlet("/a", "other"));
        assertEquals(
                List.of("servlets", "contexts", "filters", "everywhere"),
                bundles("(&(" + NAME + "=shop)(" + PATH + "=*))"));
        assertEquals(
                List.of("servlets", "contexts", "filters", "everywhere"),
                bundles("(bundle=servlets)"),
                "a filter may guard the context that a servlet has selected");
    }

    @Test
    void serviceThatComesAlongBringsItsContext() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(Map.of(PATTERN, "/cart"));
        shop.service(servlet("/orders", "staff"));
        karaf.bundle("staff").service(context("staff"));
        karaf.bundle("guard").service(filter("/*", "staff"));
        assertEquals(List.of("shop", "staff", "guard"), bundles("(" + PATTERN + "=/cart)"));
    }

    @Test
    void serviceForAllContextsThatComesAlongBringsNoneOfOtherApplications() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        shop.service(context("shop"));
        shop.service(servlet("/cart", "shop"));
        karaf.bundle("everywhere").service(filter("/*", "*"));
        FakeKaraf.Web other = karaf.bundle("other");
        other.service(context("other"));
        other.service(servlet("/a", "other"));
        assertEquals(List.of("shop", "everywhere"), bundles("(bundle=shop)"));
        assertEquals(List.of("shop", "everywhere", "other"), bundles("(bundle=everywhere)"));
    }

    /** Each Whiteboard has one of its own, and so have workers. */
    @Test
    void defaultContextOfAWebContainerIsNotBrought() throws Exception {
        karaf.bundle("container").service(context("default"));
        karaf.bundle("other").service(Map.of(PATTERN, "/other"));
        karaf.bundle("shop").service(Map.of(PATTERN, "/cart"));
        karaf.bundle("staff").service(context("staff"));
        assertEquals(List.of("shop"), bundles("(bundle=shop)"));
        assertEquals(List.of("staff"), bundles("(" + NAME + "=*)"));
    }

    @Test
    void targetOfAServiceChoosesThePool() throws Exception {
        FakeKaraf.Web shop = karaf.bundle("shop");
        for (String target : List.of("(handoff.pool=web)", "(handoff.pool=other)", "(OSGi.http.endpoint=/)", "(no")) {
            shop.service(Map.of(PATTERN, "/" + target, "osgi.http.whiteboard.target", target));
        }
        Application application = application("(bundle=shop)");
        assertEquals(
                List.of(List.of("/(handoff.pool=web)"), List.of("/(OSGi.http.endpoint=/)")),
                application.services().stream()
                        .map(WhiteboardDeclaration::patterns)
                        .toList());
        assertEquals(
                "left out: a service of bundle shop: its osgi.http.whiteboard.target = (handoff.pool=other) is for"
                        + " another Whiteboard: that of this pool has {handoff.pool=web, osgi.http.endpoint=/}; "
                        + "a service of bundle shop: its osgi.http.whiteboard.target = (no is for"
                        + " another Whiteboard: that of this pool has {handoff.pool=web, osgi.http.endpoint=/}",
                application.remark());
    }
}
