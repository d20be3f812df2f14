package org.handoff.session.store.internal.server;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.handoff.session.protocol.Request;

/** A process that saves two equal attributes of a session again and again, until somebody kills it. */
final class Saver {

    private static final int BYTES = 150_000;

    private Saver() {}

    /** @param arguments the socket, the session, and the first value */
    public static void main(String[] arguments) throws Exception {
        try (RawWorker worker = RawWorker.greeted(Path.of(arguments[0]))) {
            for (int i = Integer.parseInt(arguments[2]); ; i++) {
                byte[] value = ByteBuffer.allocate(BYTES)
                        .putInt(i)
                        .putInt(BYTES - Integer.BYTES, i)
                        .array();
                worker.ask(new Request.Save(arguments[1], true, 0, Set.of(), Map.of("a", value, "b", value)));
                System.out.println(i);
            }
        }
    }
}
