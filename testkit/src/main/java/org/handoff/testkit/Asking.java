package org.handoff.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients that ask without a pause. A question that fails ends its client, and fails the test at the end. */
public final class Asking implements AutoCloseable {

    private final Map<String, Integer> answers = new TreeMap<>();
    private final AtomicBoolean end = new AtomicBoolean();
    private final ExecutorService threads;
    private final List<Future<?>> clients = new ArrayList<>();

    /**
     * Begins.
     *
     * @param count the number of clients
     * @param question gets an answer, and fails if that is none
     */
    public Asking(int count, Callable<String> question) {
        threads = Executors.newFixedThreadPool(count);
        for (int i = 0; i < count; i++) {
            clients.add(threads.submit(() -> {
                while (!end.get()) {
                    String answer = question.call();
                    synchronized (answers) {
                        answers.merge(answer, 1, Integer::sum);
                    }
                }
                return null;
            }));
        }
    }

    /** How often each answer has come. */
    public Map<String, Integer> answers() {
        synchronized (answers) {
            return new TreeMap<>(answers);
        }
    }

    /** The number of answers. */
    public int count() {
        return answers().values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Waits for more answers, or for a client that has failed. */
    public void await(int more) {
        int wanted = count() + more;
        Await.await(
                more + " more answers",
                () -> count() >= wanted || clients.stream().anyMatch(Future::isDone),
                () -> "there are " + (count() - wanted + more));
    }

    /** Ends, and fails if a client has failed. */
    public void end() throws Exception {
        end.set(true);
        for (Future<?> client : clients) {
            client.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        end.set(true);
        threads.shutdown();
    }
}
