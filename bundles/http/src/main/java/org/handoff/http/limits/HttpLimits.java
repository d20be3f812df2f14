package org.handoff.http.limits;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

import org.handoff.http.config.HeapShare;

/**
 * The limits for one client, and the memory for all of them together. Sizes are in bytes. The times for a header, a
 * body and a write limit the time in which a client sends or takes nothing: each grows by a second for every 500 bytes,
 * so that a slow client is served and one that only pretends is not.
 *
 * @param requestLine the longest request line; longer ones are answered 414
 * @param header the longest header, all fields together; longer ones are answered 431
 * @param body the longest request body; longer ones are answered 413
 * @param bodyMemory the longest request body kept in memory; a longer one goes to a temporary file
 * @param memory the memory for all clients together, see {@link MemoryBudget}: beyond it bodies and responses go to
 *        temporary files, and the oldest unfinished requests are answered 503
 * @param headerTime from the first byte of a request to the end of its header; slower ones are answered 408
 * @param bodyTime from the end of the header to the end of the body; slower ones are answered 408
 * @param idleTime how long a connection is kept without a request before it is released
 * @param writeTime how long a client may take nothing of a response before its connection is cut; also how long a
 *        handler's write waits when the spool is full
 * @param spool the part of one response that is kept in a temporary file for a client slower than its handler
 * @param tempDir the folder of temporary files; they are unlinked at once, so none is left behind. The parts of a form
 *        are not: they are deleted when the handler returns, and a process that is killed leaves them
 */
public record HttpLimits(
        int requestLine,
        int header,
        long body,
        int bodyMemory,
        long memory,
        Duration headerTime,
        Duration bodyTime,
        Duration idleTime,
        Duration writeTime,
        long spool,
        Path tempDir) {

    /** The keys read by {@link #from}, but for {@code http.temp}, which is not for users. */
    public static final Set<String> KEYS = Set.of(
            "http.request.line",
            "http.header",
            "http.body",
            "http.body.memory",
            "http.memory",
            "http.spool",
            "http.header.timeout",
            "http.body.timeout",
            "http.idle.timeout",
            "http.write.timeout");

    private static final long MIB = 1 << 20;
    private static final long LEAST_MEMORY = MIB;

    // Together well below the 64 KiB that the monitor reads to route a request, and small enough for the frame that
    // gives a connection back.
    public static final int LONGEST_REQUEST_LINE = 16 * 1024;
    public static final int LONGEST_HEADER = 44 * 1024;

    /**
     * @throws IllegalArgumentException if a size or a time is not positive, or the directory does not exist; the
     *         message names the key as {@link #from} knows it, the value and the remedy
     */
    public HttpLimits {
        atLeast("http.request.line", requestLine, 16);
        atLeast("http.header", header, 16);
        atLeast("http.body", body, 0);
        atLeast("http.body.memory", bodyMemory, 0);
        atLeast("http.memory", memory, LEAST_MEMORY);
        atLeast("http.spool", spool, 4096);
        positive("http.header.timeout", headerTime);
        positive("http.body.timeout", bodyTime);
        positive("http.idle.timeout", idleTime);
        positive("http.write.timeout", writeTime);
        if (!Files.isDirectory(tempDir)) {
            throw bad("http.temp", tempDir.toString(), "name a directory that exists and may be written to");
        }
    }

    /** The default limits. */
    public static HttpLimits defaults() {
        return from(Map.of());
    }

    /**
     * Reads limits from a configuration. Its keys are {@code http.request.line}, {@code http.header}, {@code
     * http.body}, {@code http.body.memory} and {@code http.spool} in bytes, {@code http.memory} as {@link HeapShare}
     * reads it, {@code http.header.timeout}, {@code http.body.timeout}, {@code http.idle.timeout} and {@code
     * http.write.timeout} in seconds, and {@code http.temp}, a directory. Other keys are ignored.
     *
     * @param config the configuration; a missing key has its default
     * @return the limits
     * @throws IllegalArgumentException if a value is not valid; the message names key, value and remedy
     */
    public static HttpLimits from(Map<String, String> config) {
        return new HttpLimits(
                (int) number(config, "http.request.line", 8192, LONGEST_REQUEST_LINE),
                (int) number(config, "http.header", 32768, LONGEST_HEADER),
                number(config, "http.body", 1024 * MIB, Long.MAX_VALUE / 2),
                (int) number(config, "http.body.memory", 65536, 1024 * MIB),
                HeapShare.bytes("http.memory", config.getOrDefault("http.memory", "25%"), LEAST_MEMORY),
                seconds(config, "http.header.timeout", 20),
                seconds(config, "http.body.timeout", 20),
                seconds(config, "http.idle.timeout", 5),
                seconds(config, "http.write.timeout", 30),
                number(config, "http.spool", 1024 * MIB, Long.MAX_VALUE / 2),
                Path.of(config.getOrDefault("http.temp", System.getProperty("java.io.tmpdir"))));
    }

    private static Duration seconds(Map<String, String> config, String key, long preset) {
        return Duration.ofSeconds(number(config, key, preset, 86400));
    }

    private static long number(Map<String, String> config, String key, long preset, long most) {
        String value = config.get(key);
        if (value == null) {
            return preset;
        }
        try {
            long number = Long.parseLong(value.trim());
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below serves both: a word and a number out of range are the same mistake to the file's
            // author.
        }
        throw bad(key, value, "give a whole number from 0 to " + most);
    }

    private static void atLeast(String key, long value, long least) {
        if (value < least) {
            throw bad(key, Long.toString(value), "give at least " + least);
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw bad(key, Long.toString(value.toSeconds()), "give at least 1 second");
        }
    }

    private static IllegalArgumentException bad(String key, String value, String remedy) {
        return new IllegalArgumentException(key + " = " + value + " is not valid: " + remedy);
    }
}
