package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What tests have in C: a worker, {@code src/test/c/worker.c}, with libhandoff; and a native library for Java. */
public final class CWorker {

    /** The program's name. */
    public static final String NAME = "c-worker";

    private static final Path SDK = Path.of("..", "sdk", "c").toAbsolutePath().normalize();

    private CWorker() {}

    /** Builds it in a folder, as its authors do. @return the program */
    public static Path build(Path folder) throws IOException, InterruptedException {
        Path library = Karaf.FOLDER.resolve("sdk-c");
        run("make", "-s", "-C", SDK.toString(), "BUILD=" + library);
        Path program = folder.resolve(NAME);
        run(
                "cc",
                "-std=c11",
                "-I" + SDK.resolve("include"),
                "-o",
                program.toString(),
                Path.of("src", "test", "c", "worker.c").toString(),
                library.resolve("libhandoff.a").toString(),
                "-pthread");
        return program;
    }

    /** Builds an example of the library. @return the program */
    public static Path example(String name) throws IOException, InterruptedException {
        Path library = Karaf.FOLDER.resolve("sdk-c");
        run(
                "make",
                "-s",
                "-C",
                SDK.toString(),
                "BUILD=" + library,
                library.resolve(name).toString());
        return library.resolve(name);
    }

    /** Builds {@code src/test/c/kind.c}, which Java code of this JDK calls. @return the library */
    public static Path library() throws IOException, InterruptedException {
        Path headers = Path.of(System.getProperty("java.home"), "include");
        Path library = Karaf.FOLDER.resolve("libkind.so");
        run(
                "cc",
                "-std=c11",
                "-shared",
                "-fPIC",
                "-I" + headers,
                "-I" + headers.resolve("linux"),
                "-o",
                library.toString(),
                Path.of("src", "test", "c", "kind.c").toString());
        return library;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(List.of(command) + " ended with " + status);
        }
    }
}
