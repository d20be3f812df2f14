package org.handoff.itests.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Pids;

/**
 * Clients that each send one request after the other, GET and POST in turn, on one connection that they never open
 * again: whatever is not a whole, right response on the connection from the beginning is a failure.
 */
public final class Load implements AutoCloseable {

    private static final String BODY = "what is to be digested";

    /** A client that thinks between its requests leaves the processors to the workers that start. */
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String get;
    private final String post;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private final Map<Long, LongAdder> answeredBy = new ConcurrentHashMap<>();
    private volatile Latencies latencies = new Latencies();
    private volatile boolean stopped;

    /** Starts so many clients of the two examples. */
    public Load(int port, int connections) {
        this(port, connections, "/hello", "/digest");
    }

    /**
     * Starts so many clients.
     *
     * @param hello answers GET by the worker's process
     * @param digest answers POST by the length of the body behind a space
     */
    public Load(int port, int connections, String hello, String digest) {
        get = "GET " + hello + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        post = "POST " + digest + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY.length() + "\r\n\r\n"
                + BODY;
        for (int i = 0; i < connections; i++) {
            Thread client = new Thread(() -> send(port), "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** The requests that were answered rightly so far. */
    public long answered() {
        return answered.get();
    }

    /** The GET requests that a worker process has answered so far. */
    public long answeredBy(long pid) {
        return answeredBy.getOrDefault(pid, new LongAdder()).sum();
    }

    /** Begins to measure anew; what it returns goes on until the next call. */
    public Latencies measure() {
        latencies = new Latencies();
        return latencies;
    }

    /** What went wrong so far. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Lets each client receive its last response, and ends. */
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> failures.add(client + " still waits for a response"));
    }

    private void send(int port) {
        long sent = 0;
        try (Http http = new Http(port)) {
            while (!stopped) {
                sent++;
                boolean posts = sent % 2 == 0;
                long since = System.nanoTime();
                http.send(posts ? post : get);
                Http.Answer answer = http.receive();
                latencies.record(System.nanoTime() - since);
                if (answer.status() != 200 || !answer.text().contains(posts ? " " + BODY.length() : "worker process")) {
                    throw new IOException("status " + answer.status() + ": " + answer.text());
                }
                if (!posts) {
                    answeredBy
                            .computeIfAbsent(Pids.pidIn(answer), pid -> new LongAdder())
                            .increment();
                }
                answered.incrementAndGet();
                LockSupport.parkNanos(THINK_NANOS);
            }
        } catch (IOException | RuntimeException e) {
            failures.add(Thread.currentThread().getName() + ", request " + sent + ": " + e);
        }
    }
}
