package org.handoff.itests.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.handoff.itests.handlers.noise.Noise;
import org.handoff.itests.karaf.Http;

/** Requests for large bodies: what is sent, whether what came is right, and which ones the handlers have begun. */
public final class LargeResponses {

    /** How a handler sends a body. */
    public enum Kind {
        /** In one piece. */
        WHOLE,
        /** In pieces, without its length. */
        STREAM,
        /** From a file. */
        FILE
    }

    private final byte[] noise = Noise.bytes();
    private final Path folder;
    private final String path;

    /** @param folder where the handlers make their notes and files @param path the handlers' */
    public LargeResponses(Path folder, String path) throws IOException {
        this.folder = folder;
        this.path = path;
        Files.write(folder.resolve("noise"), noise);
    }

    /** A request. */
    public String request(String name, Kind kind, int bytes, String version, String field) {
        return "GET " + path + "?" + name + "," + kind.name().toLowerCase(Locale.ROOT) + "," + bytes + " HTTP/"
                + version + "\r\nHost: localhost\r\nX-Folder: " + folder + "\r\n" + field + "\r\n";
    }

    /** @throws IOException if it is not the body of that request, or an error's */
    public void check(Http.Answer answer, String name, int bytes) throws IOException {
        if (answer.status() != 200) {
            throw new IOException("status " + answer.status());
        }
        if (answer.body().length != bytes) {
            throw new IOException(answer.body().length + " bytes and not " + bytes);
        }
        for (int at = 0; at < bytes; ) {
            int from = Noise.place(name, at);
            int count = Math.min(bytes - at, noise.length - from);
            int other = Arrays.mismatch(answer.body(), at, at + count, noise, from, from + count);
            if (other >= 0) {
                throw new IOException("another byte at " + (at + other) + " of " + bytes);
            }
            at += count;
        }
    }

    /** The names of the requests that handlers have begun, in order, for each worker process. */
    public List<List<String>> begun() throws IOException {
        List<List<String>> begun = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                begun.add(Files.readAllLines(file));
            }
        }
        return begun;
    }
}
