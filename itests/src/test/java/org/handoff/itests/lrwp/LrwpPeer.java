package org.handoff.itests.lrwp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.handoff.itests.karaf.Karaf;
import org.handoff.testkit.Await;

/** The peer in C of examples/lrwp, as a process that has registered. */
public final class LrwpPeer implements AutoCloseable {

    private static final Path SOURCE = Path.of("..", "examples", "lrwp", "peer.c");

    private final Process process;
    private final Path output;

    public LrwpPeer(int port, String name) throws IOException, InterruptedException {
        output = Files.createTempFile(Karaf.FOLDER, "peer", ".out");
        process = new ProcessBuilder(program().toString(), "127.0.0.1", Integer.toString(port), name)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            Await.await(
                    "the peer's registration", () -> Files.readString(output).equals("registered\n"), this::diagnosis);
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** Compiles it. @return the program */
    static Path program() throws IOException, InterruptedException {
        Path program = Karaf.FOLDER.resolve("lrwp-peer");
        Path messages = Karaf.FOLDER.resolve("cc.out");
        Process compiler = new ProcessBuilder("cc", "-O2", "-o", program.toString(), SOURCE.toString())
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start();
        if (!compiler.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new IOException("cc does not compile " + SOURCE + ": " + Files.readString(messages));
        }
        return program;
    }

    private String diagnosis() {
        try {
            return "it printed: " + Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Kills the process. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        Files.deleteIfExists(output);
    }
}
