package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** The standard error of one program, printed line by line with its name in front, as several programs print. */
final class ErrorLines {

    /** The size of the parts of a longer line. */
    private static final int LINE = 4096;

    private final String name;
    private final ByteBuffer piece = ByteBuffer.allocate(LINE);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    ErrorLines(String name) {
        this.name = name;
    }

    /** Reads the available bytes. @return their number; -1 at the end */
    int read(ReadableByteChannel from) throws IOException {
        int got = from.read(piece.clear());
        for (int i = 0; i < got; i++) {
            byte b = piece.get(i);
            if (b == '\n' || line.size() == LINE) {
                end();
            }
            if (b != '\n') {
                line.write(b);
            }
        }
        return got;
    }

    /** Prints an unfinished line. */
    void end() {
        if (line.size() > 0) {
            Log.line(name + ": " + line.toString(ISO_8859_1));
            line.reset();
        }
    }
}
