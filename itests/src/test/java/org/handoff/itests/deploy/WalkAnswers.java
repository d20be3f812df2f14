package org.handoff.itests.deploy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.handoff.itests.load.Watched;

/** Compares each answer that clients get with what they may get. Thread-safe. */
final class WalkAnswers implements Watched.Observer {

    static final String UNAVAILABLE = Watched.STATUS + 503;
    static final String UNKNOWN = Watched.STATUS + 404;

    /** A context that nobody changes. */
    static final String HELLO = "/hello";

    private static final String LOST = Watched.STATUS + 502;
    /** Stands for any text of {@link #HELLO}. */
    private static final String ALIVE = "alive";

    private static final int FAULTS_KEPT = 10;

    /** What may be answered in one place: a version or a status, and what is said behind a version. */
    record Place(Expectation code, Expectation words) {}

    private final long begin = System.nanoTime();
    private final Map<String, Place> places = new ConcurrentHashMap<>();
    private final Expectation hello = new Expectation(ALIVE);
    /** Whether connections may end without an answer, as an answer of its own. */
    private final Expectation ends = new Expectation("");

    private final AtomicInteger kills = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicLong answers = new AtomicLong();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    /** What is expected of a context; nobody has it yet. */
    Place expect(String context) {
        return places.computeIfAbsent(context, first -> new Place(new Expectation(UNKNOWN), new Expectation("")));
    }

    /** The pool is restarted: until it has {@link #settled}, connections may end and anybody may be told to wait. */
    void poolRestarts() {
        hello.also(UNAVAILABLE);
        ends.also(Watched.CLOSED);
    }

    /** A worker is killed: it may lose one request. */
    void workerIsKilled() {
        kills.incrementAndGet();
    }

    /** Whatever has happened, it is over. */
    void settled() {
        hello.only(Set.of(ALIVE));
        ends.only(Set.of(""));
    }

    @Override
    public void answered(String target, long sent, long received, String answer) {
        answers.incrementAndGet();
        boolean closed = answer.startsWith(Watched.CLOSED);
        if (closed && ends.during(sent, received).contains(Watched.CLOSED)) {
            return;
        }
        if (closed || answer.equals(LOST)) {
            if (lost.incrementAndGet() > kills.get()) {
                wrong(target, sent, received, answer, "one request lost by each of " + kills + " kills at most");
            }
        } else if (target.equals(HELLO)) {
            check(target, sent, received, answer.contains("worker process") ? ALIVE : answer, hello);
        } else {
            check(target, sent, received, answer, places.get(target));
        }
    }

    private void check(String target, long sent, long received, String answer, Place place) {
        if (answer.startsWith(Watched.STATUS)) {
            check(target, sent, received, answer, place.code());
        } else {
            String[] parts = answer.split(" ", 2);
            check(target, sent, received, parts[0], place.code());
            check(target, sent, received, parts[1], place.words());
        }
    }

    private void check(String target, long sent, long received, String answer, Expectation expectation) {
        Set<String> expected = expectation.during(sent, received);
        if (!expected.contains(answer)) {
            wrong(target, sent, received, answer, expected.toString());
        }
    }

    private void wrong(String target, long sent, long received, String answer, String expected) {
        fault(String.format(
                Locale.ROOT,
                "GET %s, sent at %.3f s, answered at %.3f s: \"%s\" came, expected was %s",
                target,
                (sent - begin) / 1e9,
                (received - begin) / 1e9,
                answer,
                expected));
    }

    /** Notes what must not be. */
    void fault(String what) {
        if (faults.size() < FAULTS_KEPT) {
            faults.add(what);
        }
    }

    /** What must not be and was; the first ones. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public String toString() {
        return answers + " answers, each as expected; " + lost + " requests lost by " + kills + " kills of workers";
    }
}
