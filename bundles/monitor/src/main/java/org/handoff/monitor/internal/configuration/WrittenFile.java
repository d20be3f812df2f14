package org.handoff.monitor.internal.configuration;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A file that somebody may be writing. */
final class WrittenFile {

    /** How long {@link #settle} waits at most. */
    static final long MOST_SECONDS = 2;

    /** A program that writes a file does not pause for so long, unless it is waiting for something. */
    private static final long UNCHANGED_MILLIS = 100;

    enum State {
        /** It has content, and nobody is writing it. */
        WHOLE,
        /** It is still empty, or still changes. */
        UNFINISHED,
        GONE
    }

    private record Look(FileTime changed, long size) {}

    private WrittenFile() {}

    /**
     * Waits until a file has content that stays as it is.
     *
     * @return {@link State#UNFINISHED} also when the thread is interrupted, which it remains
     */
    static State settle(Path file) throws IOException {
        long begin = System.nanoTime();
        try {
            Look last = look(file);
            while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
                Thread.sleep(UNCHANGED_MILLIS);
                Look now = look(file);
                if (now.size > 0 && now.equals(last)) {
                    return State.WHOLE;
                }
                last = now;
            }
            return State.UNFINISHED;
        } catch (NoSuchFileException e) {
            return State.GONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return State.UNFINISHED;
        }
    }

    /**
     * Whether a file is empty or has one of these keys: so that whoever found it without them read it while it was
     * being written. Nothing about a file that is gone.
     */
    static boolean contradicts(Path file, Set<String> missing) throws IOException {
        Properties content = new Properties();
        try {
            byte[] bytes = Files.readAllBytes(file);
            content.load(new ByteArrayInputStream(bytes));
            return bytes.length == 0 || missing.stream().anyMatch(content::containsKey);
        } catch (NoSuchFileException | IllegalArgumentException e) {
            // Gone, or a line that is cut.
            return false;
        }
    }

    private static Look look(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Look(attributes.lastModifiedTime(), attributes.size());
    }
}
