package org.handoff.itests.handlers.noise;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;

/** The bodies of large responses: noise, from a place on that the request's name gives, over and over. */
public final class Noise {

    private static final int LENGTH = 1_000_003;
    private static final int PIECE = 100_000;

    private final byte[] noise = bytes();

    /** What each body repeats, from some place on. */
    public static byte[] bytes() {
        byte[] noise = new byte[LENGTH];
        new Random(LENGTH).nextBytes(noise);
        return noise;
    }

    /** The place in the noise of a byte of a body. */
    public static int place(String name, long at) {
        return (int) ((at + (name.hashCode() & 0xfffff)) % LENGTH);
    }

    /** A whole body. */
    public byte[] body(String name, int length) {
        byte[] body = new byte[length];
        fill(body, name, 0, length);
        return body;
    }

    /** Writes a body piece by piece. */
    public void write(OutputStream out, String name, int length) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int at = 0; at < length; at += PIECE) {
            int count = Math.min(PIECE, length - at);
            fill(piece, name, at, count);
            out.write(piece, 0, count);
        }
    }

    private void fill(byte[] piece, String name, int at, int count) {
        for (int done = 0; done < count; ) {
            int from = place(name, at + done);
            int some = Math.min(count - done, LENGTH - from);
            System.arraycopy(noise, from, piece, done, some);
            done += some;
        }
    }
}
