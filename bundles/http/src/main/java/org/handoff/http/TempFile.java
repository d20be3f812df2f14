package org.handoff.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files without a name: only the open channel keeps one, so nothing is left behind however the process ends. */
final class TempFile {

    private TempFile() {
    }

    static FileChannel open(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "handoff-http", null);
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(file);
        }
    }
}
