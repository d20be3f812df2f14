package org.handoff.http;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files without a name: only those who have one open keep it, so nothing is left behind however a process ends. */
final class TempFile {

    private TempFile() {}

    static RandomAccessFile open(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "handoff-http", null);
        try {
            return new RandomAccessFile(file.toFile(), "rw");
        } finally {
            Files.delete(file);
        }
    }
}
