package org.handoff.lrwp.cgi;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Answers each request by a program of its own, as RFC 3875 says: {@code /name/more} is the program {@code name} with
 * the path info {@code /more}.
 */
final class CgiRequests {

    private static final File NOTHING = new File("/dev/null");

    private final ProgramDirectory directory;
    private final Map<String, String> environment;
    private final Duration total;
    private final Duration silent;

    /**
     * @param environment for all programs
     * @param total how long a program may run; zero for any time
     * @param silent how long it may write nothing
     */
    CgiRequests(ProgramDirectory directory, Map<String, String> environment, Duration total, Duration silent) {
        this.directory = directory;
        this.environment = environment;
        this.total = total;
        this.silent = silent;
    }

    /**
     * Answers a request.
     *
     * @param variables the CGI variables, their bytes as characters
     * @param wire at the beginning of the body
     * @throws IOException if the agent's connection has ended
     */
    void answer(Map<String, String> variables, Wire wire, Answer answer) throws IOException {
        String path = variables.getOrDefault("PATH_INFO", "");
        int end = path.indexOf('/', 1);
        String name = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
        Path program = directory.program(name);
        Path body = receive(wire);
        try {
            if (program == null) {
                CgiExchange.answerError(answer, 404);
                return;
            }
            Map<String, String> its = new HashMap<>(environment);
            its.putAll(variables);
            its.put("SCRIPT_NAME", variables.getOrDefault("SCRIPT_NAME", "") + "/" + name);
            its.put("PATH_INFO", end < 0 ? "" : path.substring(end));
            its.put("SCRIPT_FILENAME", program.toString());
            // Without it PHP assumes that it was called directly, and refuses.
            its.put("REDIRECT_STATUS", "200");
            run(program, its, body, wire, answer);
        } finally {
            if (body != null) {
                Files.deleteIfExists(body);
            }
        }
    }

    /**
     * Writes the body to a file, so that a program may read as much of it as it likes, at any time. @return null for
     * none
     */
    private static Path receive(Wire wire) throws IOException {
        int size = wire.size();
        if (size == 0) {
            return null;
        }
        Path body = Files.createTempFile("cgi", ".in");
        try (OutputStream copy = Files.newOutputStream(body)) {
            wire.copy(size, copy);
        } catch (IOException e) {
            Files.delete(body);
            throw e;
        }
        return body;
    }

    private void run(Path file, Map<String, String> its, Path body, Wire wire, Answer answer) throws IOException {
        Program program;
        try {
            program =
                    Program.start(file, directory.path(), its, body == null ? NOTHING : body.toFile(), wire.selector());
        } catch (IOException e) {
            Log.warn(file + ": cannot be started: " + e.getMessage());
            CgiExchange.answerError(answer, 502);
            return;
        }
        try (program) {
            if (body != null) {
                // From here on the descriptor is enough, and no file is left even if this process is killed.
                Files.delete(body);
            }
            new CgiExchange(file, program, wire, answer, total, silent).run();
        } catch (IOException | RuntimeException e) {
            program.kill();
            throw e;
        }
    }
}
