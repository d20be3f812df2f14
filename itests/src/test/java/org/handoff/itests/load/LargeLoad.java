package org.handoff.itests.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.load.LargeResponses.Kind;

/** Clients, quick ones and slow ones, that ask for large bodies of all kinds on connections that they keep. */
public final class LargeLoad implements AutoCloseable {

    private static final int LEAST = 100 << 10;
    private static final int MOST = 10 << 20;
    /** For each 64 KiB: at most some 3 MiB a second. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final int port;
    private final LargeResponses responses;
    private final List<Thread> clients = new ArrayList<>();
    private final Map<String, String> failed = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean stopped;

    /** Starts so many clients; all but every fourth are slow. */
    public LargeLoad(int port, int count, LargeResponses responses, long seed) {
        this.port = port;
        this.responses = responses;
        for (int i = 1; i <= count; i++) {
            int number = i;
            Thread client = new Thread(() -> send(number, new Random(seed + number)), "client-" + i);
            clients.add(client);
            client.start();
        }
    }

    /** How many requests were answered rightly. */
    public int answered() {
        return answered.get();
    }

    /** The bytes of their bodies. */
    public long bytes() {
        return bytes.get();
    }

    /** What became of the requests that were not, by their names. */
    public Map<String, String> failed() {
        return Map.copyOf(failed);
    }

    private void send(int client, Random random) {
        int sent = 0;
        while (!stopped) {
            String name = "";
            try (Http http = new Http(port, client % 4 == 0 ? 0 : PAUSE_NANOS)) {
                while (!stopped) {
                    name = client + "-" + ++sent;
                    int length = LEAST + random.nextInt(MOST - LEAST);
                    http.send(responses.request(name, Kind.values()[random.nextInt(3)], length, "1.1", ""));
                    responses.check(http.receive(), name, length);
                    answered.incrementAndGet();
                    bytes.addAndGet(length);
                }
            } catch (IOException | RuntimeException e) {
                failed.put(name, e.toString());
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        Clients.join(clients, client -> failed.put(client, "still waits for a response"));
    }
}
