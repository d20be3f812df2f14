package org.handoff.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The log of this process, by SLF4J's simple logger; it begins with the lines of the test classes that ran before. */
public final class Log {

    private Log() {}

    /** The lines that contain this text, the oldest first. */
    public static List<String> lines(String text) {
        Path log = Path.of(System.getProperty("org.slf4j.simpleLogger.logFile"));
        if (!Files.exists(log)) {
            // Nothing was logged, as this class is the first of its process.
            return List.of();
        }
        try (Stream<String> lines = Files.lines(log, ISO_8859_1)) {
            return lines.filter(line -> line.contains(text)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of lines that contain this text. */
    public static long count(String text) {
        return lines(text).size();
    }
}
