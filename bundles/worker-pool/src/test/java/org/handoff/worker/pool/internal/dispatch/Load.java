package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that never try again, with each way of a request and of a response; and what becomes of them. */
public final class Load {

    private static final int CLIENTS = 6;
    private static final int ROUNDS = Integer.getInteger("handoff.long", 1) > 1 ? 4 : 1;
    private static final int PATIENCE_MILLIS = 30_000;
    /** A client gives up after so many connections on which it had no success, one after the other. */
    private static final int PERSISTENCE = 2;

    private static final String[] PATHS = {
        "/p/small", "/p/bytes", "/p/upload", "/p/stream", "/p/small", "/p/file", "/p/upload"
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
        Socket socket = null;
        int vainInTurn = 0;
        for (int i = 0; i < ROUNDS * PATHS.length && vainInTurn < PERSISTENCE; i++) {
            if (socket == null) {
                socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.setSoTimeout(PATIENCE_MILLIS);
            }
            if (request(socket, PATHS[(number + i) % PATHS.length])) {
                vainInTurn = 0;
            } else {
                vainInTurn++;
                socket.close();
                socket = null;
            }
        }
        if (socket != null) {
            socket.close();
        }
    }

    /** Makes one request, and reads its answer. @return whether it was a good one, and the connection goes on */
    boolean request(Socket socket, String path) {
        requests.incrementAndGet();
        try {
            byte[] body = path.endsWith("upload") ? new byte[60_000] : new byte[0];
            OutputStream out = socket.getOutputStream();
            out.write(((body.length == 0 ? "GET " : "POST ") + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                            + body.length + "\r\n\r\n")
                    .getBytes(ISO_8859_1));
            out.write(body);
            return response(socket.getInputStream());
        } catch (SocketTimeoutException e) {
            waiting.incrementAndGet();
            return false;
        } catch (IOException e) {
            ended.incrementAndGet();
            return false;
        }
    }

    private boolean response(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the end");
            }
            head.append((char) c);
        }
        if (head.indexOf("Transfer-Encoding: chunked") > 0) {
            for (int length = -1; length != 0; ) {
                length = Integer.parseInt(line(in), 16);
                skip(in, length);
                line(in);
            }
        } else {
            int at = head.indexOf("Content-Length: ") + 16;
            skip(in, Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
        }
        boolean good = head.indexOf("HTTP/1.1 200 ") == 0;
        (good ? answered : refused).incrementAndGet();
        return good && head.indexOf("Connection: close") < 0;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the end");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private static void skip(InputStream in, int count) throws IOException {
        byte[] piece = new byte[64 * 1024];
        for (int left = count; left > 0; ) {
            int read = in.read(piece, 0, Math.min(left, piece.length));
            if (read < 0) {
                throw new IOException("the end");
            }
            left -= read;
        }
    }
}
