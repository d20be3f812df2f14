package org.handoff.worker.runtime.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/**
 * Answers with the files of a folder, and never with another file: neither dot segments nor symbolic links lead out of
 * it. Whoever may write in the folder is trusted: a file that becomes a link while it is being opened is followed.
 */
public final class StaticFiles implements Handler {

    private static final String INDEX = "index.html";
    private static final String UNENCODED = "-._~!$&'()*+,;=:@/";

    private final Path folder;

    /** @param folder looked up anew for each request, as it may be a link that changes */
    public StaticFiles(Path folder) {
        this.folder = folder;
    }

    /** Whether the folder is there, and this process may search it. */
    public boolean isServing() {
        return Files.isDirectory(folder) && Files.isExecutable(folder);
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            response.status(405).header("Allow", "GET, HEAD").send("405 Method Not Allowed\n");
            return;
        }
        try {
            Path root = folder.toRealPath();
            Path file = below(root, path(root, request.pathInfo()));
            boolean slash = request.pathInfo().endsWith("/");
            if (Files.isDirectory(file)) {
                if (!slash) {
                    redirect(request, response);
                    return;
                }
                file = below(root, file.resolve(INDEX));
            } else if (slash) {
                throw new HttpException(404, file + " is not a folder");
            }
            if (!Files.isRegularFile(file)) {
                throw new HttpException(404, file + " is not a regular file");
            }
            send(request, response, file);
        } catch (AccessDeniedException e) {
            throw new HttpException(403, "a file that the worker may not read", e);
        } catch (FileSystemException | InvalidPathException e) {
            throw new HttpException(404, "no such file", e);
        }
    }

    private static void send(Request request, Response response, Path file) throws IOException {
        try {
            response.sendFile(request, file);
        } catch (FileNotFoundException e) {
            // Where opening fails, a stream does not say why; the file was there a moment ago. The worker may have too
            // many open files, for example.
            if (Files.isReadable(file)) {
                throw e;
            }
            throw new HttpException(403, "a file that the worker may not read", e);
        }
    }

    private static Path path(Path root, String pathInfo) {
        for (String segment : pathInfo.split("/")) {
            if (segment.startsWith(".")) {
                throw new HttpException(404, "files whose names begin with a dot are not served");
            }
        }
        return root.resolve(pathInfo.replaceFirst("^/+", ""));
    }

    /** Follows links. */
    private static Path below(Path root, Path file) throws IOException {
        Path real = file.toRealPath();
        if (!real.startsWith(root)) {
            throw new HttpException(404, file + " leads out of the folder");
        }
        for (Path name : root.relativize(real)) {
            if (name.toString().startsWith(".")) {
                throw new HttpException(404, file + " leads to a file whose name begins with a dot");
            }
        }
        return real;
    }

    /** Adds the slash with which the links of an index are relative to its folder. */
    private static void redirect(Request request, Response response) {
        StringBuilder location = new StringBuilder();
        // Not as sent: a path that begins with two slashes would name a host.
        byte[] path = request.path().replaceFirst("^/+", "/").getBytes(StandardCharsets.UTF_8);
        for (byte b : path) {
            if (b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || UNENCODED.indexOf(b) >= 0) {
                location.append((char) b);
            } else {
                percent(b, location);
            }
        }
        location.append('/');
        if (!request.query().isEmpty()) {
            location.append('?');
            // As sent, but for bytes that no URI has.
            for (byte b : request.query().getBytes(StandardCharsets.ISO_8859_1)) {
                if (b > ' ' && b < 127) {
                    location.append((char) b);
                } else {
                    percent(b, location);
                }
            }
        }
        response.redirect(301, location.toString());
    }

    private static void percent(byte b, StringBuilder to) {
        to.append(String.format("%%%02X", b & 0xff));
    }
}
