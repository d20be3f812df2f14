package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.plan.Deployments.Kind;
import org.junit.jupiter.api.Test;

/** A reader of the log knows the state of each context at any time, and reads nothing twice. */
class ContextLogTest {

    private static final String BUNDLE = "(.+? \\[\\d+\\](?:, as it is now)?)";
    private static final Pattern LINE =
            Pattern.compile("Context (\\S+) of pool p: (no longer )?(\\w+)(?:, no longer (\\w+))?" + "(?:, served by "
                    + BUNDLE + ")?(?:, wanted by " + BUNDLE + ")?(?:: .*)?");

    private final Deployments karaf = new Deployments();
    private final List<String> log = new ArrayList<>();
    private Map<ContextLine.Key, ContextLine> logged = Map.of();
    /** Of each context, and of each shadowed bundle, as the log says. */
    private final Map<String, String> read = new TreeMap<>();

    private final Map<String, String> lastLines = new HashMap<>();

    ContextLogTest() {
        karaf.published = () -> log(karaf.lines());
    }

    private void log(List<ContextLine> lines) {
        Map<ContextLine.Key, ContextLine> now =
                lines.stream().collect(Collectors.toMap(ContextLine::key, line -> line, (one, other) -> one));
        log.addAll(ContextLog.lines("p", logged, now));
        logged = now;
    }

    /** The lines that have come since the last call. */
    private List<String> news() {
        List<String> news = List.copyOf(log);
        log.clear();
        return news;
    }

    @Test
    void eachStateOfAContextIsLoggedOnceWhenItBeginsAndWhenItEnds() {
        String context = "Context /hot of pool p: ";
        karaf.deploy("hot", 1, Kind.GOOD);
        assertEquals(
                List.of(
                        context + "starting, wanted by hot 1.0.1 [1]",
                        context + "serving, no longer starting, served by hot 1.0.1 [1]"),
                news());

        karaf.update("hot", 2, Kind.NOT_READY);
        karaf.pass(100);
        assertEquals(
                List.of(context
                        + "waiting, no longer serving, served by hot 1.0.1 [1], wanted by hot 1.0.2 [1]: its former"
                        + " code serves, because the new one waits: a service"),
                news());

        karaf.update("hot", 3, Kind.DYING);
        int rolls = karaf.rolls;
        karaf.pass(1000);
        assertTrue(karaf.rolls > rolls + 10, "it is tried again and again");
        assertEquals(
                List.of(
                        context + "starting, no longer waiting, served by hot 1.0.1 [1], wanted by hot 1.0.3 [1]",
                        context
                                + "failed, no longer starting, served by hot 1.0.1 [1], wanted by hot 1.0.3 [1]: its former"
                                + " code serves, because the new one fails: workers die of it, and it is tried again from"
                                + " time to time: exit status 7"),
                news());

        karaf.update("hot", 4, Kind.GOOD);
        assertEquals(
                List.of(
                        context + "starting, no longer failed, served by hot 1.0.1 [1], wanted by hot 1.0.4 [1]",
                        context + "serving, no longer starting, served by hot 1.0.4 [1]"),
                news());

        long other = karaf.deploy("other", 1, Kind.GOOD, "/hot");
        karaf.pass(100);
        assertEquals(
                List.of(
                        context + "shadowed, wanted by other 1.0.1 [2]: C of bundle other 1.0.1 [2] is not served: C of"
                                + " bundle hot 1.0.4 [1] has this context; undeploy one of the two, or give it another context"),
                news());

        karaf.uninstall(1);
        assertEquals(
                List.of(
                        context
                                + "no longer shadowed, wanted by other 1.0.1 [2]: the bundle has gone, or has the context"
                                + " now",
                        context + "starting, no longer serving, served by hot 1.0.4 [1], wanted by other 1.0.1 [2]",
                        context + "serving, no longer starting, served by other 1.0.1 [2]"),
                news());

        karaf.uninstall(other);
        karaf.pass(4);
        assertEquals(
                List.of(context + "leaving, no longer serving, served by other 1.0.1 [2]: its bundle has gone"),
                news());
        karaf.pass(2);
        assertEquals(List.of(context + "no longer leaving: the pool has withdrawn it"), news());

        ContextLine wrongPool = ContextLine.unserved(
                new Place("", "/hot"), ContextLine.State.WRONG_POOL, "hot 1.0.5 [3]", "its pool is not there");
        log(List.of(wrongPool));
        log(List.of(wrongPool));
        assertEquals(List.of(context + "wrong pool, wanted by hot 1.0.5 [3]: its pool is not there"), news());
        log(List.of());
        assertEquals(
                List.of(context
                        + "no longer wrong pool, wanted by hot 1.0.5 [3]: the bundle has gone, or the pool has come"),
                news());
    }

    @Test
    void codeThatNeverWorkedIsLoggedAsFailedOnceThoughItIsTriedAgainAndFailsInOtherWays() {
        karaf.deploy("bad", 1, Kind.DYING);
        karaf.pass(100);
        assertEquals(
                List.of(
                        "Context /bad of pool p: starting, wanted by bad 1.0.1 [1]",
                        "Context /bad of pool p: failed, no longer starting, wanted by bad 1.0.1 [1]: no worker starts:"
                                + " exit status 7"),
                news());
        karaf.deploy("good", 1, Kind.GOOD);
        karaf.pass(1000);
        assertEquals(
                List.of(
                        "Context /good of pool p: starting, wanted by good 1.0.1 [2]",
                        "Context /good of pool p: serving, no longer starting, served by good 1.0.1 [2]"),
                news());
    }

    @Test
    void whatAContextWaitsForIsLoggedWhenThatChanges() {
        for (String missing : List.of("a", "a", "b", "a")) {
            log(List.of(ContextLine.unserved(new Place("h", "/x"), ContextLine.State.WAITING, "x 1.0.0 [1]", missing)));
        }
        assertEquals(
                List.of(
                        "Context h/x of pool p: waiting, wanted by x 1.0.0 [1]: a",
                        "Context h/x of pool p: waiting, wanted by x 1.0.0 [1]: b",
                        "Context h/x of pool p: waiting, wanted by x 1.0.0 [1]: a"),
                news());
    }

    /** Whatever happens in whatever order, the log alone tells the state of all contexts. */
    @Test
    void randomWalk() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("ContextLogTest.randomWalk: -Dseed=" + seed);
        Random random = new Random(seed);
        for (int walk = 0; walk < 100; walk++) {
            ContextLogTest walked = new ContextLogTest();
            walked.karaf.published = walked::logAndRead;
            try {
                for (int step = 0; step < 40; step++) {
                    walked.karaf.randomStep(random);
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("walk " + walk + " of seed " + seed + ": " + walked.karaf.history, e);
            }
        }
    }

    private void logAndRead() {
        log(karaf.lines());
        news().forEach(this::read);
        Map<String, String> states = new TreeMap<>();
        logged.forEach((key, line) ->
                states.put(key.place() + key.shadowed(), line.state().toString()));
        assertEquals(states, read);
    }

    private void read(String line) {
        Matcher parts = LINE.matcher(line);
        assertTrue(parts.matches(), line);
        String state = parts.group(3);
        String of = parts.group(1) + (state.equals("shadowed") ? parts.group(6) : "");
        assertNotEquals(line, lastLines.put(of, line));
        if (parts.group(2) != null) {
            assertEquals(state, read.remove(of), line);
        } else {
            String former = parts.group(4);
            String before = read.put(of, state);
            assertTrue(former == null ? before == null || before.equals(state) : former.equals(before), line);
        }
    }
}
