package org.handoff.itests;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Clients of one context, on connections that they keep, that try nothing twice: they count what they get. */
final class Watched implements AutoCloseable {

    private static final int CLIENTS = 24;
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final List<Thread> clients = new ArrayList<>();
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    Watched(int port, String target) {
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = new Thread(() -> send(port, target), "watching-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** How often each answer came: the text where the status is 200, else the status; or what went wrong. */
    Map<String, LongAdder> answers() {
        return answers;
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> count(client + " still waits for a response"));
    }

    private void count(String answer) {
        answers.computeIfAbsent(answer, first -> new LongAdder()).increment();
    }

    private void send(int port, String target) {
        while (!stopped) {
            try (Http http = new Http(port)) {
                String end;
                do {
                    http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    Http.Answer answer = http.receive();
                    count(answer.status() == 200 ? answer.text() : "status " + answer.status());
                    end = answer.headers().getOrDefault("connection", "");
                    LockSupport.parkNanos(THINK_NANOS);
                } while (!stopped && !end.equals("close"));
            } catch (IOException e) {
                count(e.toString());
            }
        }
    }
}
