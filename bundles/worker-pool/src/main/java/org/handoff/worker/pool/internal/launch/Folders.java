package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;

/**
 * Deletes folders that other processes may be deleting, or deleting from, at the same time. Symbolic links in place of
 * folders are not followed, even if another user puts them there meanwhile.
 */
public final class Folders {

    private Folders() {}

    /** Deletes a folder with its content, as far as it exists. On any thread. */
    static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            // Linux has no other kind.
            deleteAll((SecureDirectoryStream<Path>) files);
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(folder);
    }

    private static void deleteAll(SecureDirectoryStream<Path> folder) throws IOException {
        for (Path file : folder) {
            try {
                delete(folder, file.getFileName());
            } catch (NoSuchFileException e) {
                // Somebody else was faster.
            }
        }
    }

    private static void delete(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        if (folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory()) {
            try (SecureDirectoryStream<Path> below = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                deleteAll(below);
            }
            folder.deleteDirectory(name);
        } else {
            folder.deleteFile(name);
        }
    }
}
