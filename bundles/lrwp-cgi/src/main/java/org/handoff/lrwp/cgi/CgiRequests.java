package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Answers each request by a program of its own, as RFC 3875 says: {@code /name/more} is the program {@code name} with
 * the path info {@code /more}. Body and output go through files: so a program may read and write as it likes, and what
 * it leaves running in the background holds nobody up.
 */
final class CgiRequests implements AgentConnection.Requests {

    /** What fits into LRWP's nine digits. */
    private static final long MOST = 999_999_999;
    private static final long LOOK_MILLIS = 100;
    private static final int HEAD = 64 * 1024;
    /** From there on a status says: could not be started, was killed by a signal; or it is Perl's for die. */
    private static final int FATAL = 126;

    private final ProgramDirectory directory;
    private final Map<String, String> environment;
    private final Duration longest;

    /** @param environment what all programs have */
    CgiRequests(ProgramDirectory directory, Map<String, String> environment, Duration longest) {
        this.directory = directory;
        this.environment = environment;
        this.longest = longest;
    }

    @Override
    public void answer(Map<String, String> variables, InputStream body, OutputStream out) throws IOException {
        Path input = Files.createTempFile("cgi", ".in");
        Path output = Files.createTempFile("cgi", ".out");
        try (FileChannel written = FileChannel.open(output, StandardOpenOption.READ)) {
            try (OutputStream copy = Files.newOutputStream(input)) {
                body.transferTo(copy);
            }
            int status = answer(variables, input, output, written);
            if (status == 200) {
                // What it left in the background may still write.
                long length = Math.min(written.size(), MOST);
                out.write(size(length));
                WritableByteChannel to = Channels.newChannel(out);
                for (long sent = 0; sent < length;) {
                    sent += written.transferTo(sent, length - sent, to);
                }
            } else {
                byte[] page = ("Status: " + status + "\r\nContent-Type: text/plain\r\n\r\n" + status + "\n")
                        .getBytes(ISO_8859_1);
                out.write(size(page.length));
                out.write(page);
            }
        } finally {
            Files.deleteIfExists(input);
            Files.deleteIfExists(output);
        }
    }

    private static byte[] size(long size) {
        return String.format("%09d", size).getBytes(ISO_8859_1);
    }

    /** Runs the program. @return 200 where its output is the response, else the status of an error */
    private int answer(Map<String, String> variables, Path input, Path output, FileChannel written)
            throws IOException {
        String path = variables.getOrDefault("PATH_INFO", "");
        int end = path.indexOf('/', 1);
        String name = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
        Path program = directory.program(name);
        if (program == null) {
            return 404;
        }
        ProcessBuilder builder = new ProcessBuilder(program.toString()).directory(directory.path().toFile())
                .redirectInput(input.toFile()).redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> its = builder.environment();
        its.clear();
        its.putAll(environment);
        its.putAll(variables);
        its.put("SCRIPT_NAME", variables.getOrDefault("SCRIPT_NAME", "") + "/" + name);
        its.put("PATH_INFO", end < 0 ? "" : path.substring(end));
        its.put("SCRIPT_FILENAME", program.toString());
        // Without it PHP takes itself for called by somebody who should not.
        its.put("REDIRECT_STATUS", "200");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            complain(program, "cannot be started: " + e.getMessage());
            return 502;
        }
        // The descriptors are enough from here on, and nothing is left however this process ends.
        Files.delete(input);
        Files.delete(output);
        return await(process, program, written);
    }

    private int await(Process process, Path program, FileChannel written) throws IOException {
        long end = System.nanoTime() + longest.toNanos();
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() - end >= 0) {
                    kill(process);
                    complain(program, "killed: it has not ended within " + longest.toSeconds() + " s");
                    return 504;
                }
                if (written.size() > MOST) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
        }
        if (written.size() > MOST) {
            complain(program, "its output is longer than " + MOST + " bytes, which is too long for LRWP");
            return 502;
        }
        int status = process.exitValue();
        boolean answered = hasHead(written);
        if (status != 0 || !answered) {
            complain(program, "exit status " + status + (answered ? "" : ", and no CGI header"));
        }
        return answered && status < FATAL ? 200 : 502;
    }

    /** Whether the output has an empty line, which ends its header; the agent looks closer. */
    private static boolean hasHead(FileChannel written) throws IOException {
        written.position(0);
        String head = new String(Channels.newInputStream(written).readNBytes(HEAD), ISO_8859_1);
        return head.contains("\n\n") || head.contains("\n\r\n");
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static void complain(Path program, String what) {
        System.err.println("CGI program " + program + ": " + what);
    }
}
