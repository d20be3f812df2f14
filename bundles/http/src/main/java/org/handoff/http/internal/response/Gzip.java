package org.handoff.http.internal.response;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.head.ResponseHead;
import org.handoff.http.limits.HandlerOptions;

/** Compression by gzip, where the configuration and the client want it (RFC 9110, section 12.5.3). */
final class Gzip {

    private static final String ACCEPT = "Accept-Encoding";
    private static final String TAG = "ETag";

    private Gzip() {}

    /**
     * Whether the body is to be compressed; the head says so then. In any case the head says whether that depends on the
     * request.
     *
     * @param length of the body, or negative if it is not known
     */
    static boolean applies(HandlerOptions options, RequestHead request, ResponseHead head, long length) {
        if (options.gzip().isEmpty()) {
            return false;
        }
        if (head.status() == 304) {
            validate(request, head);
            return false;
        }
        boolean possible = !head.bodiless()
                && head.status() != 206
                && !head.has("Content-Encoding")
                && !head.has("Content-Range")
                && (length < 0 || length >= options.gzipLength())
                && options.gzip().contains(type(head))
                && !lower(head.get("Cache-Control")).contains("no-transform");
        if (!possible) {
            return false;
        }
        vary(head);
        if (!request.newerThan10() || !accepts(request.request().headers().getAll(ACCEPT))) {
            return false;
        }
        head.set("Content-Encoding", "gzip");
        // Ranges would be of other bytes.
        head.remove("Accept-Ranges");
        String tag = head.get(TAG);
        if (tag != null && !isWeak(tag)) {
            head.set(TAG, "W/" + tag);
        }
        return true;
    }

    /** A client that has the compressed content knows it by the weak tag. */
    private static void validate(RequestHead request, ResponseHead head) {
        String tag = head.get(TAG);
        String known = String.join(",", request.request().headers().getAll("If-None-Match"));
        if (tag != null && !isWeak(tag) && known.contains("W/" + tag)) {
            head.set(TAG, "W/" + tag);
            vary(head);
        }
    }

    private static boolean isWeak(String tag) {
        return tag.startsWith("W/");
    }

    private static void vary(ResponseHead head) {
        String vary = lower(head.get("Vary"));
        if (!vary.contains("*") && !vary.contains(lower(ACCEPT))) {
            head.add("Vary", ACCEPT);
        }
    }

    private static String type(ResponseHead head) {
        return lower(head.get("Content-Type")).split(";", 2)[0].strip();
    }

    private static String lower(String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }

    private static boolean accepts(List<String> fields) {
        boolean any = false;
        for (String coding : lower(String.join(",", fields)).split(",")) {
            String[] parts = coding.split(";", 2);
            boolean wanted = parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
            switch (parts[0].strip()) {
                case "gzip", "x-gzip" -> {
                    return wanted;
                }
                case "*" -> any = wanted;
                default -> {
                    // Another coding.
                }
            }
        }
        return any;
    }

    static byte[] compress(byte[] body) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(body.length / 4 + 64);
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(body);
        }
        return compressed.toByteArray();
    }

    /** Compresses a body of unknown length; its {@link #flush} sends all bytes written so far. */
    static final class Stream extends GZIPOutputStream {

        private static final int PIECE = 8192;

        private boolean closed;

        Stream(OutputStream to) throws IOException {
            super(to, PIECE, true);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                super.close();
            }
        }

        /** Drops unsent bytes. */
        void discard() {
            closed = true;
            def.end();
        }
    }
}
