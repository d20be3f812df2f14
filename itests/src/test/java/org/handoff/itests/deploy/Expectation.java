package org.handoff.itests.deploy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What may be answered at each moment: grows when something begins that may change the answer, and shrinks when it is
 * known what has come of it. Thread-safe; times are those of {@link System#nanoTime}.
 */
final class Expectation {

    private record Span(long since, Set<String> answers) {

        private Span with(String more) {
            Set<String> all = new TreeSet<>(answers);
            all.add(more);
            return new Span(since, all);
        }
    }

    /** The oldest first. */
    private Deque<Span> spans = new ArrayDeque<>();

    Expectation(String answer) {
        spans.add(new Span(System.nanoTime(), Set.of(answer)));
    }

    /** From now on only these; what was planned for later is not any more. */
    synchronized void only(Set<String> answers) {
        long now = System.nanoTime();
        spans.removeIf(span -> span.since() - now > 0);
        spans.add(new Span(now, Set.copyOf(answers)));
    }

    /** From now on this too. */
    void also(String answer) {
        alsoFrom(System.nanoTime(), answer);
    }

    /** From then on this too. */
    synchronized void alsoFrom(long time, String answer) {
        Deque<Span> next = new ArrayDeque<>();
        Span before = null;
        for (Span span : spans) {
            if (span.since() - time < 0) {
                before = span;
                next.add(span);
            }
        }
        next.add(new Span(time, before.answers()).with(answer));
        spans.stream()
                .filter(span -> span.since() - time >= 0)
                .map(span -> span.with(answer))
                .forEach(next::add);
        spans = next;
    }

    /** What may be answered now. */
    Set<String> now() {
        long now = System.nanoTime();
        return during(now, now);
    }

    /** What may be answered at some moment of that time. */
    synchronized Set<String> during(long from, long to) {
        Set<String> answers = new TreeSet<>();
        Iterator<Span> newest = spans.descendingIterator();
        while (newest.hasNext()) {
            Span span = newest.next();
            if (span.since() - to <= 0) {
                answers.addAll(span.answers());
            }
            if (span.since() - from <= 0) {
                break;
            }
        }
        return answers;
    }

    @Override
    public synchronized String toString() {
        List<String> texts = new ArrayList<>();
        spans.forEach(span -> texts.add(span.answers().toString()));
        return String.join(", then ", texts.subList(Math.max(0, texts.size() - 3), texts.size()));
    }
}
