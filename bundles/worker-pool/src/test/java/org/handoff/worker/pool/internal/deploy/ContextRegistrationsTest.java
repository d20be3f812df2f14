package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import io.netty.channel.IoEventLoop;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.dispatch.WaitingRooms;
import org.handoff.worker.pool.internal.plan.ContextLine;
import org.handoff.worker.pool.internal.plan.Place;
import org.handoff.worker.pool.internal.worker.TestConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContextRegistrationsTest {

    private final Fakes fakes = new Fakes();
    private final Target pool = connection -> {};
    private final TestMonitor monitor = new TestMonitor();
    private final IoEventLoop loop = monitor.component.loop();
    private final ContextRegistrations contexts = new ContextRegistrations(
            fakes.context(), "p", pool, new WaitingRooms(loop, () -> TestPoolConfig.policy(Map.of()))::open);

    @AfterEach
    void close() {
        monitor.close();
    }

    @Test
    void whatIsServedIsThePoolsAndWhatIsNotIsAnswered503() {
        contexts.update(List.of(wanted("/good", true, ""), wanted("/bad", false, "no package x")));
        assertEquals(2, fakes.services.size());
        Fakes.Service good = service("/good");
        assertSame(pool, good.object);
        assertEquals("pool p", good.properties.get(Target.NAME));
        Fakes.Service bad = service("/bad");
        assertNotSame(pool, bad.object);
        assertEquals("no package x", bad.properties.get(Target.PROBLEM));
        TestConnection connection = new TestConnection();
        ((Target) bad.object).take(connection);
        assertEquals(503, connection.answered);
    }

    @Test
    void anUpdateChangesWhatHasChangedAndNoMore() {
        contexts.update(List.of(
                wanted("/same", true, ""),
                wanted("/noted", true, ""),
                wanted("/gone", true, ""),
                wanted("/broken", true, "")));
        Fakes.Service same = service("/same");
        Fakes.Service noted = service("/noted");
        contexts.update(List.of(
                wanted("/same", true, ""),
                wanted("/noted", true, "the new code fails"),
                wanted("/broken", false, "x"),
                wanted("/new", true, "")));
        assertEquals(4, fakes.services.size());
        assertSame(same, service("/same"));
        assertSame(noted, service("/noted"), "the route is never away");
        assertEquals("the new code fails", noted.properties.get(Target.PROBLEM));
        assertNotSame(pool, service("/broken").object);
        assertSame(pool, service("/new").object);
    }

    @Test
    void aContextThatChangesItsTargetIsNeverAway() {
        contexts.update(List.of(wanted("/x", true, "")));
        contexts.update(List.of(wanted("/x", false, "broken")));
        contexts.update(List.of(wanted("/x", true, "")));
        assertEquals(List.of("+/x", "+/x", "-/x", "+/x", "-/x"), fakes.events);
        assertSame(pool, service("/x").object);
    }

    @Test
    void aStateIsToldWithItsBundlesAndSinceWhen() {
        ContextLine failed = new ContextLine(
                new Place("h.org", "/x"),
                ContextLine.State.FAILED,
                true,
                "b 1.0.0 [1]",
                "b 1.1.0 [1]",
                "no package x",
                OptionalLong.of(System.nanoTime()));
        contexts.update(List.of(failed));
        Fakes.Service service = service("/x");
        assertEquals("failed", service.properties.get(Target.STATE));
        assertEquals("h.org", service.properties.get(Target.HOST));
        assertEquals("b 1.0.0 [1]", service.properties.get(Target.SERVES));
        assertEquals("b 1.1.0 [1]", service.properties.get(Target.WANTED));
        Object since = service.properties.get(Target.SINCE);
        assertTrue((Long) since <= System.currentTimeMillis());
        assertTrue((Long) service.properties.get(Target.RETRY) <= System.currentTimeMillis());
        contexts.update(List.of(new ContextLine(
                failed.place(),
                failed.state(),
                true,
                failed.serves(),
                failed.wanted(),
                "another problem",
                OptionalLong.empty())));
        assertEquals(since, service.properties.get(Target.SINCE), "the same state");
        assertNull(service.properties.get(Target.RETRY));
    }

    @Test
    void requestsWaitForCodeThatIsOnItsWayAndAreRoutedAgainWhenItServes() throws Exception {
        contexts.update(List.of(line(ContextLine.State.STARTING, false)));
        TestConnection connection = new TestConnection();
        Target room = (Target) service("/x").object;
        loop.submit(() -> room.take(connection)).get();
        assertEquals(0, connection.answered);
        contexts.update(List.of(line(ContextLine.State.SERVING, true)));
        assertSame(pool, service("/x").object);
        loop.submit(() -> {}).get();
        assertEquals(1, connection.givenBack);
    }

    private static ContextLine line(ContextLine.State state, boolean served) {
        return new ContextLine(new Place("", "/x"), state, served, "", "", "", OptionalLong.empty());
    }

    private Fakes.Service service(String context) {
        return fakes.services.stream()
                .filter(one -> one.properties.get(Target.CONTEXT).equals(context))
                .findFirst()
                .orElseThrow();
    }

    private static ContextLine wanted(String context, boolean served, String problem) {
        return new ContextLine(
                new Place("", context),
                problem.isEmpty() ? ContextLine.State.SERVING : ContextLine.State.FAILED,
                served,
                "",
                "",
                problem,
                OptionalLong.empty());
    }
}
