package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/** The files of a pool and of its workers, while workers come and go. */
public final class PoolFiles {

    /** Sparse, and huge. */
    private static final String SCOREBOARD = "scoreboard";

    private PoolFiles() {}

    /** The content of each file, as bytes that are letters. */
    public static Map<Path, String> of(Karaf karaf, String pool) throws IOException {
        Map<Path, String> contents = new HashMap<>();
        Files.walkFileTree(karaf.file("data/cache"), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()
                        && file.toString().contains("/pool-" + pool + "/")
                        && !file.endsWith(SCOREBOARD)) {
                    try {
                        contents.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
                    } catch (NoSuchFileException e) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return contents;
    }
}
