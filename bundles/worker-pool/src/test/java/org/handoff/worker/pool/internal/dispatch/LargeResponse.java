package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

import io.netty.channel.unix.Socket;

/** A response of a {@link SmallWorker} of which a client that does not read takes a part only. */
final class LargeResponse {

    /** More than the system keeps of a response for a client that does not read. */
    private static final int LENGTH = 12_000_000;

    private LargeResponse() {}

    /** @param closed whether it ends with the connection */
    static byte[] of(boolean closed) {
        byte[] body = new byte[LENGTH];
        new Random(LENGTH).nextBytes(body);
        byte[] head = ("HTTP/1.1 200 OK\r\n" + (closed ? "Connection: close" : "Content-Length: " + LENGTH)
                        + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        byte[] whole = Arrays.copyOf(head, head.length + LENGTH);
        System.arraycopy(body, 0, whole, head.length, LENGTH);
        return whole;
    }

    /** Sends as much as the client takes. @return how much that is */
    static int sendWhatIsTaken(byte[] response, int descriptor) throws IOException {
        ByteBuffer direct = ByteBuffer.allocateDirect(response.length).put(response);
        int sent = 0;
        for (int count = 1; count > 0; sent += count) {
            count = new Socket(descriptor).send(direct, sent, response.length);
        }
        return sent;
    }
}
