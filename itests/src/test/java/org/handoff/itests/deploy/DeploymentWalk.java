package org.handoff.itests.deploy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.handoff.itests.handlers.supplier.Words;
import org.handoff.itests.handlers.versioned.First;
import org.handoff.itests.handlers.versioned.Second;
import org.handoff.itests.handlers.versioned.Third;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Watched;

/**
 * Does to three handlers, to what they use and to their workers, in random order, all that is done to them in Karafs.
 * An answer that clients may not get at its moment ends the walk.
 */
final class DeploymentWalk implements WalkedHandler.Walk {

    /** Far longer than it takes to try all that is new, piece by piece. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** Between two looks whether all has settled, whose commands cost as much as the start of a worker takes. */
    private static final int LOOK_MILLIS = 300;

    private static final int STEPS_SHOWN = 25;
    /** More would be a crash loop. */
    private static final int STEPS_BETWEEN_KILLS = 8;

    private final Karaf karaf;
    private final Workers workers;
    private final long seed;
    private final Random random;
    private final long begin = System.nanoTime();
    private final WalkAnswers answers = new WalkAnswers();
    private final List<WalkedHandler> handlers;
    private final List<String> steps = new ArrayList<>();
    private final Map<String, Integer> done = new TreeMap<>();
    private String words = "";
    /** All of it since everything had settled. */
    private final Set<String> said = new TreeSet<>(Set.of(""));

    private int last;
    private int lastKill;

    DeploymentWalk(Karaf karaf, long seed) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.seed = seed;
        this.random = new Random(seed);
        this.handlers = List.of(
                new WalkedHandler(this, answers, First.class, First.Wanting.class),
                new WalkedHandler(this, answers, Second.class, Second.Wanting.class),
                new WalkedHandler(this, answers, Third.class, Third.Wanting.class));
    }

    /** Starts its clients. */
    Watched watch() {
        return new Watched(
                karaf.httpPort(),
                Stream.concat(Stream.of(WalkAnswers.HELLO), handlers.stream().map(WalkedHandler::context))
                        .toList(),
                answers);
    }

    // ---- steps

    /** Goes on for so long, and then takes everything away again. */
    void go(Duration time) throws Exception {
        while (System.nanoTime() - begin < time.toNanos()) {
            step();
            if (random.nextInt(3) > 0) {
                settle();
            } else {
                pause(random.nextInt(1500));
            }
        }
        for (WalkedHandler handler : handlers) {
            handler.remove();
        }
        changeWords("");
        settle();
    }

    /** Takes everything away, in whatever state it is. */
    void leave() throws IOException {
        for (WalkedHandler handler : handlers) {
            handler.leave();
        }
        karaf.undeploy("words.jar");
    }

    private void step() throws Exception {
        int choice = random.nextInt(100);
        if (choice < 5) {
            restartPool();
        } else if (choice < 15 && steps.size() - lastKill >= STEPS_BETWEEN_KILLS) {
            killWorker();
        } else if (choice < 25) {
            changeWords(words.isEmpty() || random.nextInt(3) > 0 ? "words of " + next() + ".0.0" : "");
        } else {
            handlers.get(random.nextInt(handlers.size())).step();
        }
    }

    private void restartPool() throws Exception {
        settle();
        does("restart", "worker-pool");
        answers.poolRestarts();
        handlers.forEach(WalkedHandler::poolRestarts);
        karaf.shell("bundle:restart org.handoff.worker.pool");
        settle();
    }

    private void killWorker() throws IOException {
        int choice = random.nextInt(Integer.MAX_VALUE);
        List<ProcessHandle> all = karaf.workers();
        ProcessHandle one = all.get(choice % all.size());
        does("kill", "worker process " + one.pid());
        lastKill = steps.size();
        answers.workerIsKilled();
        one.destroyForcibly();
    }

    private void changeWords(String next) throws Exception {
        does("service", next.isEmpty() ? "goes" : "says " + next);
        handlers.forEach(handler -> handler.wordsChange(next));
        words = next;
        said.add("");
        said.add(next);
        if (next.isEmpty()) {
            karaf.undeploy("words.jar");
        } else {
            karaf.deploy(
                    HandlerBundle.build(
                            "test.words", Words.class, "Bundle-Version", next.substring(next.lastIndexOf(' ') + 1)),
                    "words.jar");
        }
    }

    // ---- what handlers ask for

    @Override
    public Karaf karaf() {
        return karaf;
    }

    @Override
    public Random random() {
        return random;
    }

    @Override
    public void does(String kind, String step) {
        steps.add(String.format(Locale.ROOT, "%7.1f s  %s %s", (System.nanoTime() - begin) / 1e9, kind, step));
        done.merge(kind, 1, Integer::sum);
    }

    @Override
    public int next() {
        return ++last;
    }

    @Override
    public String words() {
        return words;
    }

    @Override
    public Set<String> said() {
        return said;
    }

    @Override
    public void featuresChange() {
        handlers.forEach(WalkedHandler::featuresChange);
    }

    @Override
    public void fault(String what) {
        answers.fault(what);
    }

    /** From when it returns, nothing is answered but what is to be in the end. */
    @Override
    public void settle() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isSettled()) {
            if (System.nanoTime() - deadline > 0) {
                fault("it does not come to an end within " + PATIENCE.toSeconds() + " s");
            }
            check();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
        check();
    }

    private boolean isSettled() throws IOException {
        // The same processes from the first look to the last: else one look is at workers that are being replaced.
        Set<Long> processes = workers.pids();
        if (processes.size() != 2) {
            return false;
        }
        Map<String, Map<String, String>> rows = new HashMap<>();
        Table.parse(karaf.shell("monitor:contexts")).rows().forEach(row -> rows.put(row.get("context"), row));
        List<Runnable> known = new ArrayList<>();
        for (WalkedHandler handler : handlers) {
            Runnable one = handler.look(rows);
            if (one == null) {
                return false;
            }
            known.add(one);
        }
        List<Map<String, String>> on = workers.rows();
        if (on.size() != 2
                || !on.stream().allMatch(row -> row.get("state").equals("on"))
                || karaf.get(WalkAnswers.HELLO).status() != 200
                || !workers.pids().equals(processes)) {
            return false;
        }
        known.forEach(Runnable::run);
        said.retainAll(Set.of(words));
        answers.settled();
        return true;
    }

    private void pause(int millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() - end < 0) {
            check();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Fails where something was answered that may not be. */
    private void check() {
        List<String> faults = answers.faults();
        if (!faults.isEmpty()) {
            List<String> text = new ArrayList<>();
            text.add("the walk of -Dwalk.seed=" + seed + " ends at step " + steps.size());
            text.addAll(faults);
            text.add("== the last steps");
            text.addAll(steps.subList(Math.max(0, steps.size() - STEPS_SHOWN), steps.size()));
            text.add("== what is expected");
            handlers.forEach(handler -> text.add(handler.toString()));
            text.add(karaf.diagnosis());
            throw new AssertionError(String.join("\n", text));
        }
    }

    @Override
    public String toString() {
        return steps.size() + " steps " + done + "; " + answers;
    }
}
