package org.handoff.itests.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;

import org.handoff.itests.karaf.Http;

/**
 * Clients that ask several targets in turn, on one connection each that they never open again, with always some
 * requests on their way. Each request has a name of its own, which the answer repeats: whatever is not the right answer
 * of the right target, in the order of the requests, is a failure.
 */
public final class Alternating implements AutoCloseable {

    /** The requests that a client has on its way. */
    private static final int PIPELINED = 12;

    /** @param path answers the query of a request @param isAnswer whether a text is the answer to that query */
    public record Asked(String path, BiPredicate<String, String> isAnswer) {}

    private final List<Asked> targets;
    private final long least;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean stopped;

    /** Starts so many clients. @param least the requests that each makes, whenever it is told to stop */
    public Alternating(int port, int connections, long least, List<Asked> targets) {
        this.targets = targets;
        this.least = least;
        for (int i = 1; i <= connections; i++) {
            int number = i;
            Thread client = new Thread(() -> converse(port, number), "alternating-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** The requests that were answered rightly so far. */
    public long answered() {
        return answered.get();
    }

    /** What went wrong so far. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Whether a client still has requests to make that it was to make at least. */
    public boolean isUnderWay() {
        return clients.stream().anyMatch(Thread::isAlive) && answered() < least * clients.size();
    }

    /** Lets each client make its requests and receive its last response, and ends. */
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> failures.add(client + " still waits for a response"));
    }

    private void converse(int port, int client) {
        long sent = 0;
        long received = 0;
        try (Http http = new Http(port)) {
            while (!stopped || received < Math.max(sent, least)) {
                while (sent - received < PIPELINED && (!stopped || sent < least)) {
                    http.send("GET " + target(client, sent).path() + "?" + client + "-" + sent
                            + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    sent++;
                }
                Http.Answer answer = http.receive();
                if (answer.status() != 200
                        || !target(client, received).isAnswer().test(client + "-" + received, answer.text())) {
                    throw new IOException("status " + answer.status() + ": " + answer.text());
                }
                received++;
                answered.incrementAndGet();
            }
        } catch (IOException | RuntimeException e) {
            failures.add(Thread.currentThread().getName() + ", request " + received + " to "
                    + target(client, received).path() + ": " + e);
        }
    }

    /** Each client begins with another one. */
    private Asked target(int client, long request) {
        return targets.get((int) ((client + request) % targets.size()));
    }
}
