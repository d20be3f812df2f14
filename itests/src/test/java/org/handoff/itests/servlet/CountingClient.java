package org.handoff.itests.servlet;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.handoff.itests.karaf.Http;

/**
 * A client with a session, which asks without a pause on one connection, and counts along. A request without an answer
 * may have counted or not; every other one has to count once.
 */
final class CountingClient implements AutoCloseable {

    private static final String REQUEST = "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n";

    private final Set<String> versions = ConcurrentHashMap.newKeySet();
    private final Set<Long> processes = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::run, "counting client");
    private final int port;
    private final String context;
    private volatile int count;
    private volatile int unanswered;
    private volatile String session = "";
    private volatile String problem = "";
    private volatile boolean closed;

    CountingClient(int port, String context) {
        this.port = port;
        this.context = context;
        thread.start();
    }

    private void run() {
        boolean isSure = true;
        while (!closed && problem.isEmpty()) {
            try (Http http = new Http(port)) {
                boolean isOpen = true;
                while (isOpen && !closed && problem.isEmpty()) {
                    http.send(REQUEST.formatted(context, session.isEmpty() ? "" : "Cookie: " + session + "\r\n"));
                    Http.Answer answer = http.answer();
                    isSure = check(answer, isSure);
                    isOpen = !"close".equalsIgnoreCase(answer.field("Connection"));
                }
            } catch (IOException e) {
                isSure = false;
                unanswered++;
            }
        }
    }

    /** @return whether the next answer has to have the next count */
    private boolean check(Http.Answer answer, boolean isSure) {
        // What the monitor says for a worker that died.
        if (answer.status() == 502) {
            unanswered++;
            return false;
        }
        String[] words = answer.text().split(" ");
        if (answer.status() != 200 || words.length != 4) {
            problem = answer.head() + answer.text();
            return false;
        }
        String cookie = answer.field("Set-Cookie");
        if (cookie != null) {
            if (!session.isEmpty()) {
                problem = "another session after " + count;
            }
            session = cookie.split(";")[0];
        }
        int now = Integer.parseInt(words[0]);
        if (now != count + 1 && (isSure || now != count + 2) || !words[0].equals(words[1])) {
            problem = answer.text() + " after " + count + (isSure ? "" : " and a request without an answer");
        }
        count = now;
        versions.add(words[2]);
        processes.add(Long.parseLong(words[3]));
        return true;
    }

    /** The latest count. */
    int count() {
        return count;
    }

    /** The requests that were not answered, as their worker died. */
    int unanswered() {
        return unanswered;
    }

    /** The cookie of the session, with its id. */
    String session() {
        return session;
    }

    /** What went wrong; empty for nothing. */
    String problem() {
        return problem;
    }

    Set<String> versions() {
        return versions;
    }

    Set<Long> processes() {
        return processes;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
