package org.handoff.monitor.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.junit.jupiter.api.Test;

/** What targets are told of each other. */
class ForeignContextsTest {

    private final Target a = connection -> {};
    private final Target b = connection -> {};
    private final Target c = connection -> {};

    @Test
    void whatLiesWithinAnothersContextIsToldToThatOneHoweverDeep() {
        assertEquals(
                Map.of(
                        a,
                        List.of(context("/app/x", ""), context("/app/x/y/z", "")),
                        b,
                        List.of(context("/app/x/y/z", "")),
                        c,
                        List.of()),
                ForeignContexts.of(List.of(
                        entry("/app", "", a),
                        entry("/app/x", "", b),
                        entry("/app/x/y/z", "", c),
                        entry("/app/own", "", a),
                        entry("/apple", "", c))));
    }

    @Test
    void theRootHasAllOthersWithinIt() {
        assertEquals(
                Map.of(a, List.of(context("/app", "")), b, List.of()),
                ForeignContexts.of(List.of(entry("/", "", a), entry("/app", "", b))));
    }

    @Test
    void whatIsForOneHostIsToldToAllOthers() {
        assertEquals(
                Map.of(a, List.of(), b, List.of(context("/far", "example.org"))),
                ForeignContexts.of(List.of(entry("/far", "example.org", a), entry("/app", "", b))));
        assertEquals(
                Map.of(a, List.of(), b, List.of(context("/app", "example.org"))),
                ForeignContexts.of(List.of(entry("/app", "example.org", a), entry("/app/deep", "", b))),
                "a context for one host has nothing within it");
    }

    private static RoutedContext context(String context, String host) {
        return new RoutedContext(context, host);
    }

    private static ContextTable.Entry<Routes.Route> entry(String context, String host, Target target) {
        return new ContextTable.Entry<>(
                context, host, new Routes.Route(context, null, host, target, "", "", 0, 0, Map.of()));
    }
}
