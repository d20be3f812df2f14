package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;

/** One of the peers in examples/lrwp, as a process of its own. */
final class PeerProgram implements AutoCloseable {

    private static final Path EXAMPLES = Path.of("..", "..", "examples", "lrwp");
    private static final Path TARGET = Path.of("target", "peers");

    final Process process;
    private final Path output;

    /** The languages, which are the endings of the programs' names. */
    static List<String> languages() {
        return List.of("c", "pl", "py");
    }

    /** Starts a peer, and returns when it has registered. */
    static PeerProgram start(Server server, String language, String... arguments) throws Exception {
        PeerProgram program = new PeerProgram(language, server.agent.port(), arguments);
        try {
            await(
                    "registration of the peer in " + language,
                    () -> program.output().startsWith("registered\n") || !program.process.isAlive());
            if (!program.process.isAlive()) {
                throw new IOException("The peer in " + language + " has exited: " + program.output());
            }
            return program;
        } catch (IOException | AssertionError e) {
            program.close();
            throw e;
        }
    }

    PeerProgram(String language, int port, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(command(language));
        command.addAll(List.of("127.0.0.1", Integer.toString(port)));
        command.addAll(List.of(arguments));
        output = Files.createTempFile(Files.createDirectories(TARGET), "peer", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("LRWP_LOG", "yes");
        process = builder.start();
    }

    /** The command that starts one, without its arguments. */
    static List<String> command(String language) throws Exception {
        String program = EXAMPLES.resolve("peer." + language).toString();
        return switch (language) {
            case "c" -> List.of(compiled(program).toString());
            case "pl" -> List.of("perl", program);
            case "py" -> List.of("python3", program);
            default -> throw new IllegalArgumentException(language);
        };
    }

    private static synchronized Path compiled(String source) throws Exception {
        Path program = Files.createDirectories(TARGET).resolve("peer").toAbsolutePath();
        if (Files.exists(program)
                && Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(Path.of(source))) >= 0) {
            return program;
        }
        File messages = TARGET.resolve("cc.out").toFile();
        Process compiler = new ProcessBuilder(
                        "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), source)
                .redirectErrorStream(true)
                .redirectOutput(messages)
                .start();
        if (!compiler.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new IOException("cc does not compile " + source + ": " + Files.readString(messages.toPath()));
        }
        return program;
    }

    /** What it has printed. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends the process at once, as a crash does. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        Files.deleteIfExists(output);
    }
}
