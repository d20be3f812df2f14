package org.handoff.lrwp.peer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import org.handoff.worker.api.Response;

/** A response as a handler fills it: complete before its first byte is sent, because LRWP sends the length first. */
final class PeerResponse implements Response, AutoCloseable {

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7E\\x80-\\xFF]*");
    private static final Set<String> RESERVED =
            Set.of("connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "trailer");

    private int status = 200;
    /** Names and values in turn. */
    private final List<String> fields = new ArrayList<>();

    private final BodyBuffer buffer = new BodyBuffer();
    private byte[] bytes = new byte[0];
    private boolean streamed;
    private boolean begun;

    private void checkFree() {
        if (begun) {
            throw new IllegalStateException("The response's body has begun already");
        }
    }

    @Override
    public Response status(int value) {
        checkFree();
        if (value < 200 || value > 599) {
            throw new IllegalArgumentException("The status " + value + " is not between 200 and 599");
        }
        status = value;
        return this;
    }

    @Override
    public Response header(String name, String value) {
        checkFree();
        check(name, value);
        for (int i = fields.size() - 2; i >= 0; i -= 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                fields.subList(i, i + 2).clear();
            }
        }
        fields.addAll(List.of(name, value));
        return this;
    }

    @Override
    public Response addHeader(String name, String value) {
        checkFree();
        check(name, value);
        fields.addAll(List.of(name, value));
        return this;
    }

    private static void check(String name, String value) {
        if (!TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException("The field name \"" + name + "\" is not a token");
        }
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("The server itself sets the field " + name);
        }
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("The value of " + name + " holds a character that is not allowed");
        }
    }

    @Override
    public void send(byte[] body) {
        checkFree();
        bytes = Objects.requireNonNull(body, "body");
        begun = true;
    }

    @Override
    public void send(String text) {
        checkFree();
        byte[] encoded = text.getBytes(UTF_8);
        boolean typed = false;
        for (int i = 0; i < fields.size(); i += 2) {
            typed |= fields.get(i).equalsIgnoreCase("Content-Type");
        }
        if (!typed) {
            header("Content-Type", "text/plain; charset=utf-8");
        }
        send(encoded);
    }

    @Override
    public void send(Path path) throws IOException {
        checkFree();
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a regular file");
        }
        // The handler may delete it when this returns.
        Files.copy(path, buffer);
        streamed = true;
        begun = true;
    }

    @Override
    public OutputStream stream() {
        checkFree();
        begun = true;
        streamed = true;
        return buffer;
    }

    /** The handler has returned. */
    void finish() {
        begun = true;
    }

    /** Replaces the handler's response by an error: nothing has left yet. */
    void fail(int error) {
        begun = true;
        streamed = false;
        status = error;
        fields.clear();
        fields.addAll(List.of("Content-Type", "text/plain; charset=utf-8"));
        bytes = (error == 500 ? "500 Internal Server Error\n" : error + "\n").getBytes(UTF_8);
    }

    /** Sends the response with its size. */
    void send(OutputStream out, boolean headOnly) throws IOException {
        long length = streamed ? buffer.length() : bytes.length;
        StringBuilder head = new StringBuilder("Status: ").append(status).append("\r\n");
        for (int i = 0; i < fields.size(); i += 2) {
            head.append(fields.get(i)).append(": ").append(fields.get(i + 1)).append("\r\n");
        }
        if (headOnly) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        head.append("\r\n");
        out.write(PeerConnection.size(head.length() + (headOnly ? 0 : length)));
        out.write(head.toString().getBytes(ISO_8859_1));
        if (!headOnly && streamed) {
            buffer.writeTo(out);
        } else if (!headOnly) {
            out.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        buffer.delete();
    }
}
