package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/** A folder with files for workers. */
final class StoredFiles {

    private StoredFiles() {}

    /** Deletes all files of a folder but these. */
    static void keepOnly(Path folder, Set<Path> used) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!used.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
