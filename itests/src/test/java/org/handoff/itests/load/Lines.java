package org.handoff.itests.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.handoff.testkit.Client;

/**
 * Clients of a line protocol that each send one line after the other, and get each back, on one connection that they
 * never open again: whatever else comes is a failure.
 */
public final class Lines implements AutoCloseable {

    /** A client that thinks between its lines leaves the processors to the workers that start. */
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean stopped;

    /** Starts so many clients. */
    public Lines(int port, int connections) {
        for (int i = 0; i < connections; i++) {
            Thread client = new Thread(() -> send(port), "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** The lines that came back so far. */
    public long answered() {
        return answered.get();
    }

    /** What went wrong so far: one line for each client that has ended. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Sends a line, and returns what comes back. */
    public static String exchange(Client client, String line) throws IOException {
        client.send(line + "\n");
        return receive(client);
    }

    /** Receives a line. */
    public static String receive(Client client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = client.in().read(); b != '\n'; b = client.in().read()) {
            if (b < 0) {
                throw new IOException("the connection ended after \"" + line + '"');
            }
            line.append((char) b);
        }
        return line.toString();
    }

    private void send(int port) {
        long sent = 0;
        try (Client client = new Client(port)) {
            while (!stopped) {
                String line = Thread.currentThread().getName() + ", line " + ++sent;
                String back = exchange(client, line);
                if (!back.equals(line)) {
                    throw new IOException("it came back as " + back);
                }
                answered.incrementAndGet();
                LockSupport.parkNanos(THINK_NANOS);
            }
        } catch (IOException | RuntimeException e) {
            failures.add(Thread.currentThread().getName() + ", line " + sent + ": " + e);
        }
    }

    /** Lets each client receive its last line, and ends. */
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> failures.add(client + " still waits for a line"));
    }
}
