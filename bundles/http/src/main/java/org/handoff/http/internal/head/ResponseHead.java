package org.handoff.http.internal.head;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Status and header fields of a response, and their form on the wire. */
public final class ResponseHead {

    /** The length of a body that goes in chunks. */
    public static final long CHUNKED = -1;
    /** The length of a body that ends with the connection. */
    public static final long NO_LENGTH = -2;

    private static final Set<String> RESERVED =
            Set.of("connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "trailer");
    private static final byte[] DATE = ascii("\r\nDate: ");
    private static final byte[] LENGTH = ascii("\r\nContent-Length: ");
    private static final byte[] CHUNKS = ascii("\r\nTransfer-Encoding: chunked");
    private static final byte[] CLOSE = ascii("\r\nConnection: close");
    private static final byte[] KEEP_ALIVE = ascii("\r\nConnection: keep-alive");
    private static final byte[] END = ascii("\r\n\r\n");
    private static final byte[] OK = ascii("HTTP/1.1 200 OK");

    private int status = 200;
    /** Instead of the standard reason phrase; empty for that one. */
    private String reason = "";
    /** Names and values in turn. */
    private final List<String> fields = new ArrayList<>(8);

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String reasonPhrase(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    /**
     * Becomes the head of an error page, in place of everything set before.
     *
     * @param retryAfter in seconds, or 0 for a page that does not say when to try again
     * @return the page: the status and its reason phrase, and nothing about the inside
     */
    public byte[] errorPage(int value, int retryAfter) {
        reset();
        status(value);
        set("Content-Type", "text/plain; charset=utf-8");
        if (retryAfter > 0) {
            set("Retry-After", Integer.toString(retryAfter));
        }
        return ascii(value + " " + reasonPhrase(value) + "\n");
    }

    public void status(int value) {
        if (value < 200 || value > 599) {
            throw new IllegalArgumentException("The status " + value + " is not between 200 and 599");
        }
        status = value;
    }

    public void reason(String words) {
        for (int i = 0; i < words.length(); i++) {
            if (words.charAt(i) < ' ' || words.charAt(i) > '~') {
                throw new IllegalArgumentException("The words of the status hold what is not printable ASCII");
            }
        }
        reason = words;
    }

    public void set(String name, String value) {
        check(name, value);
        remove(name);
        put(name, value);
    }

    public void remove(String name) {
        for (int i = fields.size() - 2; i >= 0; i -= 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                fields.remove(i + 1);
                fields.remove(i);
            }
        }
    }

    public void add(String name, String value) {
        check(name, value);
        put(name, value);
    }

    private void put(String name, String value) {
        fields.add(name);
        fields.add(value);
    }

    public int status() {
        return status;
    }

    /** Names and values, in order. */
    public List<Map.Entry<String, String>> fields() {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            all.add(Map.entry(fields.get(i), fields.get(i + 1)));
        }
        return all;
    }

    /** The first value of a field, or null. */
    public String get(String name) {
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                return fields.get(i + 1);
            }
        }
        return null;
    }

    public boolean has(String name) {
        return get(name) != null;
    }

    private static void check(String name, String value) {
        if (name.isEmpty() || HttpHeaderValidationUtil.validateToken(name) >= 0) {
            throw new IllegalArgumentException("The field name \"" + name + "\" is not a token");
        }
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("The server itself sets the field " + name);
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 127) {
                throw new IllegalArgumentException("The value of " + name + " holds a control character");
            }
            if (c > 255) {
                throw new IllegalArgumentException(
                        "The value of " + name + " holds a character outside ISO 8859-1: encode it (RFC 8187)");
            }
        }
    }

    /** Forgets all fields, for another response in place of this one. */
    public void reset() {
        status = 200;
        reason = "";
        fields.clear();
    }

    /** Whether a response with this status has no body. */
    public boolean bodiless() {
        return status == 204 || status == 205 || status == 304;
    }

    /** An upper bound of the head's size, without the length field. */
    public int size() {
        int size = 192 + reason.length();
        for (String text : fields) {
            size += text.length() + 4;
        }
        return size;
    }

    /**
     * Writes the head.
     *
     * @param length the body's length, or {@link #CHUNKED} or {@link #NO_LENGTH}
     * @param keepAlive whether the connection stays open
     * @param newerThan10 whether the client speaks HTTP/1.1, in which connections stay open by default
     */
    public void write(ByteBuf out, long length, boolean keepAlive, boolean newerThan10) {
        if (status == 200 && reason.isEmpty()) {
            out.writeBytes(OK);
        } else {
            ByteBufUtil.writeAscii(
                    out, "HTTP/1.1 " + status + ' ' + (reason.isEmpty() ? reasonPhrase(status) : reason));
        }
        out.writeBytes(DATE).writeBytes(DateField.now());
        for (int i = 0; i < fields.size(); i += 2) {
            out.writeByte('\r').writeByte('\n');
            ByteBufUtil.writeAscii(out, fields.get(i));
            out.writeByte(':').writeByte(' ');
            out.writeCharSequence(fields.get(i + 1), StandardCharsets.ISO_8859_1);
        }
        if (length == CHUNKED) {
            out.writeBytes(CHUNKS);
        } else if (length >= 0 && status != 204 && status != 304) {
            out.writeBytes(LENGTH);
            ByteBufUtil.writeAscii(out, Long.toString(status == 205 ? 0 : length));
        }
        if (!keepAlive) {
            out.writeBytes(CLOSE);
        } else if (!newerThan10) {
            out.writeBytes(KEEP_ALIVE);
        }
        out.writeBytes(END);
    }
}
