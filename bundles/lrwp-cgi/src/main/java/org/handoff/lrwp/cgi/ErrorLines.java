package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** What one program writes to standard error, printed line by line with its name in front: others write too. */
final class ErrorLines {

    /** What a longer line is cut into. */
    private static final int LINE = 4096;

    private final String name;
    private final ByteBuffer piece = ByteBuffer.allocate(LINE);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    ErrorLines(String name) {
        this.name = name;
    }

    /** Takes what can be read at once. @return how many bytes; -1 at the end */
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

    /** Prints a line that has no end. */
    void end() {
        if (line.size() > 0) {
            Log.line(name + ": " + line.toString(ISO_8859_1));
            line.reset();
        }
    }
}
