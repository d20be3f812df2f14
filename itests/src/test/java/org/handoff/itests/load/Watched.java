package org.handoff.itests.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.karaf.Http;

/** Clients on connections that they keep, that try nothing twice: they tell what they get, or count it. */
public final class Watched implements AutoCloseable {

    /** What a client gets that finds nobody, or whose connection ends without a whole response; more follows. */
    public static final String CLOSED = "closed: ";
    /** What it gets where the status is not 200; the number follows. */
    public static final String STATUS = "status ";

    private static final int CLIENTS = 24;
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Hears of answers; on the threads of all clients. */
    public interface Observer {

        /**
         * A request has been answered, or will not be.
         *
         * @param sent when its first byte was sent, or its connection began, by {@link System#nanoTime}
         * @param answer the text where the status is 200; else what begins with {@link #STATUS} or {@link #CLOSED}
         */
        void answered(String target, long sent, long received, String answer);
    }

    private final List<Thread> clients = new ArrayList<>();
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /** Clients of one context, who count. */
    public Watched(int port, String target) {
        start(port, List.of(target), (context, sent, received, answer) -> count(answer));
    }

    /** Clients of several contexts in turn. */
    public Watched(int port, List<String> targets, Observer observer) {
        start(port, targets, observer);
    }

    private void start(int port, List<String> targets, Observer observer) {
        for (int i = 0; i < CLIENTS; i++) {
            int first = i;
            Thread client = new Thread(() -> send(port, targets, first, observer), "watching-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** How often each answer came. */
    public Map<String, LongAdder> answers() {
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

    private void send(int port, List<String> targets, int first, Observer observer) {
        int next = first;
        while (!stopped) {
            String target = targets.get(next % targets.size());
            long sent = System.nanoTime();
            try (Http http = new Http(port)) {
                String end;
                do {
                    target = targets.get(next++ % targets.size());
                    sent = System.nanoTime();
                    http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    Http.Answer answer = http.receive();
                    observer.answered(target, sent, System.nanoTime(), describe(answer));
                    end = Objects.requireNonNullElse(answer.field("Connection"), "");
                    LockSupport.parkNanos(THINK_NANOS);
                } while (!stopped && !end.equals("close"));
            } catch (IOException e) {
                observer.answered(target, sent, System.nanoTime(), CLOSED + e);
                LockSupport.parkNanos(THINK_NANOS);
            }
        }
    }

    private static String describe(Http.Answer answer) {
        if (answer.status() == 200) {
            return answer.text();
        }
        boolean again = answer.status() == 503 && answer.field("Retry-After") == null;
        return STATUS + answer.status() + (again ? " without Retry-After" : "");
    }
}
