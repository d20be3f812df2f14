package org.handoff.http.internal.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files without a name: only those who have one open keep it, so nothing is left behind however a process ends. */
public final class TempFile {

    private TempFile() {}

    public static RandomAccessFile open(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "handoff-http", null);
        try {
            return new RandomAccessFile(file.toFile(), "rw");
        } finally {
            Files.delete(file);
        }
    }
}
