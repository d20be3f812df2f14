package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.junit.jupiter.api.Test;

class QuarantineTest {

    private final Quarantine refusals = new Quarantine();
    private final WorkerSettings settings = settings("64m");
    private long now = -7;

    @Test
    void theGuiltyOnesAmongManyAreFoundAndTheOthersServe() {
        List<Code> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(handler("/" + i));
        }
        for (Set<Code> guilty : List.of(
                Set.of(all.get(0)),
                Set.of(all.get(19)),
                Set.of(all.get(7), all.get(8)),
                Set.<Code>of(),
                new HashSet<>(all))) {
            Set<Code> serving = new HashSet<>();
            int tries = settle(all, guilty, serving);
            Set<Code> innocent = new HashSet<>(all);
            innocent.removeAll(guilty);
            assertEquals(innocent, serving);
            System.out.println(guilty.size() + " guilty of 20: " + tries + " tries");
            all.forEach(handler -> assertEquals(
                    guilty.contains(handler), !refusals.reason(handler).isEmpty()));
            refusals.retain(List.of(), settings);
        }
    }

    /** Tries until there is nothing more to try; how often. */
    private int settle(List<Code> all, Set<Code> guilty, Set<Code> serving) {
        for (int tries = 0; tries < 100; tries++) {
            List<Code> fresh =
                    all.stream().filter(one -> !serving.contains(one)).toList();
            Quarantine.Trial trial = refusals.choose(fresh, false, now);
            if (trial.code().isEmpty()) {
                return tries;
            }
            assertEquals(tries > 0, trial.suspect());
            if (trial.code().stream().anyMatch(guilty::contains)) {
                refusals.crashed(List.copyOf(trial.code()), null, "exit status 3", 0, now);
            } else {
                serving.addAll(trial.code());
                refusals.accepted(generation(1, List.copyOf(serving)));
            }
        }
        throw new AssertionError("no end");
    }

    @Test
    void whatIsNewIsNotKeptWaitingByWhatWasRefused() {
        Code bad = handler("/bad");
        Code good = handler("/good");
        refusals.crashed(List.of(bad), null, "exit status 3", 0, now);
        now += TimeUnit.SECONDS.toNanos(2);
        assertEquals(new Quarantine.Trial(Set.of(good), false, false), refusals.choose(List.of(bad, good), false, now));
        assertEquals(new Quarantine.Trial(Set.of(bad), false, true), refusals.choose(List.of(bad), false, now));
    }

    @Test
    void whatDiesIsTriedAgainEverLater() {
        Code bad = handler("/bad");
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            refusals.crashed(List.of(bad), null, "exit status 3", 0, now);
            assertEquals(TimeUnit.SECONDS.toNanos(seconds), refusals.retryIn(now));
            assertEquals(Set.of(), refusals.choose(List.of(bad), false, now).code());
            now += TimeUnit.SECONDS.toNanos(seconds);
            assertEquals(Set.of(bad), refusals.choose(List.of(bad), false, now).code());
            assertEquals(0, refusals.retryIn(now));
        }
        refusals.accepted(generation(1, List.of(bad)));
        assertTrue(refusals.isEmpty());
        assertEquals(-1, refusals.retryIn(now));
    }

    @Test
    void whatFailsWithoutADeathIsNotTriedAgainUntilItChanges() {
        Code bad = handler("/bad");
        refusals.refuse(bad, "no package x");
        assertEquals(-1, refusals.retryIn(now));
        assertEquals(
                Set.of(),
                refusals.choose(List.of(bad), false, now + Long.MAX_VALUE / 2).code());
        assertEquals("no package x; deploy it corrected", refusals.reason(bad));
        refusals.retain(List.of(handler("/bad2")), settings);
        assertTrue(refusals.isEmpty());
    }

    @Test
    void newSettingsAreSuspectedBeforeNewCode() {
        Code good = handler("/good");
        WorkerSettings bad = settings("1k");
        refusals.retain(List.of(good), bad);
        assertEquals(new Quarantine.Trial(Set.of(good), true, false), refusals.choose(List.of(good), true, now));
        refusals.crashed(List.of(good), bad, "exit status 1", 0, now);
        assertEquals(new Quarantine.Trial(Set.of(good), false, false), refusals.choose(List.of(good), true, now));
        refusals.accepted(generation(2, List.of(good)));
        assertTrue(refusals.settingsReason().contains("exit status 1"));
        assertFalse(refusals.choose(List.of(), true, now).settings());
        now += TimeUnit.SECONDS.toNanos(1);
        assertEquals(new Quarantine.Trial(Set.of(), true, true), refusals.choose(List.of(), true, now));
        refusals.crashed(List.of(), bad, "exit status 1", 0, now);
        assertEquals(TimeUnit.SECONDS.toNanos(2), refusals.retryIn(now));
        refusals.retain(List.of(good), settings("65m"));
        assertEquals("", refusals.settingsReason());
    }

    private static Code handler(String context) {
        return new Code(context, context, null, List.of(Path.of("/x" + context + ".jar")));
    }

    private Generation generation(int number, Collection<Code> code) {
        return new Generation(
                number,
                settings,
                code.stream()
                        .map(one -> new HandlerPlan(one, List.of(one.bundle()), ""))
                        .toList());
    }

    private static WorkerSettings settings(String heap) {
        return WorkerSettings.of(TestPoolConfig.of(Map.of("heap", heap)), Map.of());
    }
}
