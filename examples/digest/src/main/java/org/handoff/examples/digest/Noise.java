package org.handoff.examples.digest;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;

/**
 * Bytes that look random and are the same each time, so that whoever receives them can tell whether all came: what
 * {@link Random} with the seed 1 gives in blocks of 8 KiB.
 */
final class Noise {

    private static final int BLOCK = 8192;

    private Noise() {}

    /** Writes the first bytes of the noise. */
    static void write(long bytes, OutputStream out) throws IOException {
        Random random = new Random(1);
        byte[] block = new byte[BLOCK];
        for (long left = bytes; left > 0; left -= BLOCK) {
            random.nextBytes(block);
            out.write(block, 0, (int) Math.min(left, BLOCK));
        }
    }
}
