package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {

    private static final int FILES = 50;

    @TempDir
    Path temporary;

    @Test
    void aFolderIsDeletedThoughSomebodyElseDeletesFromIt() throws Exception {
        var other = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 50; i++) {
                Path folder = Files.createDirectories(temporary.resolve("folder/below"))
                        .getParent();
                for (int file = 0; file < FILES; file++) {
                    Files.createFile(folder.resolve("below/" + file));
                }
                CompletableFuture<Void> deleted = CompletableFuture.runAsync(() -> deleteFiles(folder), other);
                Folders.delete(folder);
                deleted.join();
                assertFalse(Files.exists(folder));
            }
        } finally {
            other.shutdownNow();
        }
    }

    private static void deleteFiles(Path folder) {
        for (int file = FILES - 1; file >= 0; file--) {
            folder.resolve("below/" + file).toFile().delete();
        }
    }
}
