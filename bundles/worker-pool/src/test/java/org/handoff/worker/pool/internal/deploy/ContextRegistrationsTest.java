package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

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
        assertEquals(2, fakes.members.size());
        Fakes.Member good = member("/good");
        assertSame(pool, good.target);
        assertEquals("pool p", good.properties.get(Target.NAME));
        Fakes.Member bad = member("/bad");
        assertNotSame(pool, bad.target);
        assertEquals("no package x", bad.properties.get(Target.PROBLEM));
        TestConnection connection = new TestConnection();
        bad.target.take(connection);
        assertEquals(503, connection.answered);
    }

    @Test
    void anUpdateChangesWhatHasChangedAndNoMore() {
        contexts.update(List.of(
                wanted("/same", true, ""),
                wanted("/noted", true, ""),
                wanted("/gone", true, ""),
                wanted("/broken", true, "")));
        Fakes.Member same = member("/same");
        Fakes.Member noted = member("/noted");
        contexts.update(List.of(
                wanted("/same", true, ""),
                wanted("/noted", true, "the new code fails"),
                wanted("/broken", false, "x"),
                wanted("/new", true, "")));
        assertEquals(4, fakes.members.size());
        assertSame(same, member("/same"));
        assertSame(noted, member("/noted"), "the route is never away");
        assertEquals("the new code fails", noted.properties.get(Target.PROBLEM));
        assertNotSame(pool, member("/broken").target);
        assertSame(pool, member("/new").target);
    }

    @Test
    void aContextThatChangesItsTargetIsNeverAway() {
        contexts.update(List.of(wanted("/x", true, "")));
        contexts.update(List.of(wanted("/x", false, "broken")));
        contexts.update(List.of(wanted("/x", true, "")));
        assertEquals(List.of("+/x", "+/x", "-/x", "+/x", "-/x"), fakes.events);
        assertSame(pool, member("/x").target);
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
        Fakes.Member failing = member("/x");
        assertEquals("failed", failing.properties.get(Target.STATE));
        assertEquals("h.org", failing.properties.get(Target.HOST));
        assertEquals("b 1.0.0 [1]", failing.properties.get(Target.SERVES));
        assertEquals("b 1.1.0 [1]", failing.properties.get(Target.WANTED));
        Object since = failing.properties.get(Target.SINCE);
        assertTrue((Long) since <= System.currentTimeMillis());
        assertTrue((Long) failing.properties.get(Target.RETRY) <= System.currentTimeMillis());
        contexts.update(List.of(new ContextLine(
                failed.place(),
                failed.state(),
                true,
                failed.serves(),
                failed.wanted(),
                "another problem",
                OptionalLong.empty())));
        assertEquals(since, failing.properties.get(Target.SINCE), "the same state");
        assertNull(failing.properties.get(Target.RETRY));
    }

    @Test
    void requestsWaitForCodeThatIsOnItsWayAndAreRoutedAgainWhenItServes() throws Exception {
        contexts.update(List.of(line(ContextLine.State.STARTING, false)));
        TestConnection connection = new TestConnection();
        Target room = member("/x").target;
        loop.submit(() -> room.take(connection)).get();
        assertEquals(0, connection.answered);
        contexts.update(List.of(line(ContextLine.State.SERVING, true)));
        assertSame(pool, member("/x").target);
        loop.submit(() -> {}).get();
        assertEquals(1, connection.givenBack);
    }

    @Test
    void aThousandContextsThatComeTogetherAreOneServiceThenAnother() {
        contexts.update(thousand(ContextLine.State.STARTING, false));
        assertEquals(1, fakes.groups);
        contexts.update(thousand(ContextLine.State.SERVING, true));
        assertEquals(1, fakes.groups);
        assertEquals(1000, fakes.members.size());
        contexts.update(List.of());
        assertEquals(List.of(), fakes.members);
        assertEquals(4, fakes.calls, "two groups came, and went");
    }

    private static List<ContextLine> thousand(ContextLine.State state, boolean served) {
        return IntStream.range(0, 1000)
                .mapToObj(i -> new ContextLine(new Place("", "/" + i), state, served, "", "", "", OptionalLong.empty()))
                .toList();
    }

    private static ContextLine line(ContextLine.State state, boolean served) {
        return new ContextLine(new Place("", "/x"), state, served, "", "", "", OptionalLong.empty());
    }

    private Fakes.Member member(String context) {
        return fakes.members.stream()
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
