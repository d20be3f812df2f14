package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Standard error, which is in Karaf's log line by line. Characters are bytes, whatever their encoding was. */
final class Log {

    /** The mark of a warning for systemd's journal, sd-daemon(3). */
    private static final String WARNING = "<4>";

    private Log() {}

    static void line(String text) {
        byte[] line = (text + '\n').getBytes(ISO_8859_1);
        // In one write, as other threads write too.
        System.err.write(line, 0, line.length);
        System.err.flush();
    }

    static void warn(String text) {
        line(WARNING + text);
    }
}
