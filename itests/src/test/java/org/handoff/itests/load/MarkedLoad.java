package org.handoff.itests.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.handoff.itests.karaf.Http;

/**
 * Clients whose every request has a name of its own, GET and POST in turn, on connections that they keep: a connection
 * is opened again only after an answer 502, or its end. What the handlers have begun is known from the notes they make.
 */
public final class MarkedLoad implements AutoCloseable {

    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final int port;
    private final String path;
    private final Path folder;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> answered = new ConcurrentLinkedQueue<>();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final Queue<String> broken = new ConcurrentLinkedQueue<>();
    private final Latencies latencies = new Latencies();
    private volatile boolean stopped;

    /** Starts so many clients. @param path the handlers' @param folder where they make their notes */
    public MarkedLoad(int port, int connections, String path, Path folder) {
        this.port = port;
        this.path = path;
        this.folder = folder;
        for (int i = 1; i <= connections; i++) {
            int number = i;
            Thread client = new Thread(() -> send(number), "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** The names of the requests that were answered rightly. */
    public List<String> answered() {
        return List.copyOf(answered);
    }

    /** The names of the requests that were answered 502. */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    /** Whatever else happened to a request. */
    public List<String> broken() {
        return List.copyOf(broken);
    }

    public Latencies latencies() {
        return latencies;
    }

    /** The names of the requests that handlers have begun, in each worker process. */
    public Map<Long, List<String>> begun() throws IOException {
        Map<Long, List<String>> begun = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                begun.put(Long.valueOf(file.getFileName().toString()), Files.readAllLines(file));
            }
        }
        return begun;
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> broken.add(client + " still waits for a response"));
    }

    private void send(int client) {
        int sent = 0;
        while (!stopped) {
            try (Http http = new Http(port)) {
                boolean kept = true;
                while (kept && !stopped) {
                    kept = request(http, client + "-" + ++sent, sent % 2 == 0);
                    LockSupport.parkNanos(THINK_NANOS);
                }
            } catch (IOException | RuntimeException e) {
                broken.add(client + "-" + sent + ": " + e);
                LockSupport.parkNanos(THINK_NANOS);
            }
        }
    }

    /** @return whether the connection is kept */
    private boolean request(Http http, String name, boolean post) throws IOException {
        long since = System.nanoTime();
        String target = path + "?" + name + " HTTP/1.1\r\nHost: localhost\r\n";
        http.send(
                post
                        ? "POST " + target + "Content-Length: "
                                + folder.toString().length() + "\r\n\r\n" + folder
                        : "GET " + target + "X-Folder: " + folder + "\r\n\r\n");
        Http.Answer answer = http.receive();
        latencies.record(System.nanoTime() - since);
        if (answer.status() == 502) {
            lost.add(name);
            if (!http.atEnd()) {
                throw new IOException("a byte behind the answer 502");
            }
            return false;
        }
        if (answer.status() != 200 || !answer.text().startsWith(name + " ")) {
            throw new IOException("status " + answer.status() + ": " + answer.text());
        }
        answered.add(name);
        return true;
    }
}
