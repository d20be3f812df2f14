package org.handoff.examples.digest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/**
 * {@code POST /digest} answers the SHA-256 digest of the body and its length;
 * {@code GET /digest?bytes=N} streams the first N bytes of {@link Noise}.
 */
@Component
@HandoffContext("/digest")
public class Digest implements Handler {

    /** The most bytes a response has: 1 GiB. */
    static final long MOST = 1L << 30;

    private static final Pattern QUERY = Pattern.compile("bytes=(\\d{1,18})");

    @Override
    public void handle(Request request, Response response) throws IOException {
        switch (request.method()) {
            case "POST" -> response.send(digest(request.body()));
            case "GET", "HEAD" -> stream(request, response);
            default -> response.status(405).header("Allow", "GET, HEAD, POST").send("GET or POST\n");
        }
    }

    private static String digest(InputStream body) throws IOException {
        MessageDigest sha256 = sha256();
        long length = new DigestInputStream(body, sha256).transferTo(OutputStream.nullOutputStream());
        return HexFormat.of().formatHex(sha256.digest()) + " " + length + "\n";
    }

    private static void stream(Request request, Response response) throws IOException {
        OptionalLong bytes = bytes(request.query());
        if (bytes.isEmpty()) {
            response.status(400).send("wanted: " + request.context() + "?bytes=N with N up to " + MOST + "\n");
            return;
        }
        response.header("Content-Type", "application/octet-stream");
        try (OutputStream out = response.stream()) {
            Noise.write(bytes.getAsLong(), out);
        }
    }

    private static OptionalLong bytes(String query) {
        Matcher matcher = QUERY.matcher(query);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long bytes = Long.parseLong(matcher.group(1));
        return bytes <= MOST ? OptionalLong.of(bytes) : OptionalLong.empty();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
