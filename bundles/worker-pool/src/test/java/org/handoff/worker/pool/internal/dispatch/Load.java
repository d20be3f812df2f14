package org.handoff.worker.pool.internal.dispatch;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.testkit.Client;

/** Clients that never try again, with each way of a request and of a response; and what becomes of them. */
public final class Load {

    private static final int CLIENTS = 6;
    private static final int ROUNDS = Integer.getInteger("handoff.long", 1) > 1 ? 4 : 1;
    /** A client gives up after so many connections on which it had no success, one after the other. */
    private static final int PERSISTENCE = 2;

    /** While a slow handler runs, connections go back to the monitor, which reads their next requests. */
    private static final String[] PATHS = {
        "/p/small", "/p/bytes", "/p/upload", "/p/stream", "/p/slow", "/p/small", "/p/file", "/p/upload"
    };

    private final int port;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();

    Load(int port) {
        this.port = port;
    }

    /** Makes all requests, and returns when each of them has had its end. */
    Load run() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                all.add(() -> {
                    converse(number);
                    return null;
                });
            }
            for (Future<Void> one : clients.invokeAll(all)) {
                one.get();
            }
        } finally {
            clients.shutdown();
        }
        return this;
    }

    /** Whether all were answered as they should be. */
    boolean isAnswered() {
        return answered.get() == requests.get();
    }

    /** Whether somebody got neither an answer nor the end of the connection. */
    boolean hasWaitedInVain() {
        return waiting.get() > 0;
    }

    @Override
    public String toString() {
        return requests + " requests: " + answered + " answered, " + refused + " answered by an error, " + ended
                + " connections ended, " + waiting + " waited in vain";
    }

    /** Connections are kept as long as they live. */
    private void converse(int number) throws IOException {
        Client client = null;
        int vainInTurn = 0;
        for (int i = 0; i < ROUNDS * PATHS.length && vainInTurn < PERSISTENCE; i++) {
            if (client == null) {
                client = new Client(port);
            }
            if (request(client, PATHS[(number + i) % PATHS.length])) {
                vainInTurn = 0;
            } else {
                vainInTurn++;
                client.close();
                client = null;
            }
        }
        if (client != null) {
            client.close();
        }
    }

    /** Makes one request, and reads its answer. @return whether it was a good one, and the connection goes on */
    boolean request(Client client, String path) {
        requests.incrementAndGet();
        try {
            byte[] body = path.endsWith("upload") ? new byte[60_000] : new byte[0];
            client.send((body.length == 0 ? "GET " : "POST ") + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                    + body.length + "\r\n\r\n");
            client.send(body);
            Client.Answer answer = client.answer();
            boolean good = answer.status() == 200;
            (good ? answered : refused).incrementAndGet();
            return good && !"close".equals(answer.field("Connection"));
        } catch (SocketTimeoutException e) {
            waiting.incrementAndGet();
            return false;
        } catch (IOException e) {
            ended.incrementAndGet();
            return false;
        }
    }
}
