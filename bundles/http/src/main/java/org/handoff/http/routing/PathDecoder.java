package org.handoff.http.routing;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Decodes a path once: percent escapes first, then dot segments, so that an escaped dot segment is one too. */
final class PathDecoder {

    /** Added to a byte that is no UTF-8, it gives a low surrogate without its high one, which no UTF-8 decodes to. */
    static final char RAW = 0xDC00;

    private PathDecoder() {}

    static String decode(String raw) throws MalformedRequestException {
        boolean escaped = false;
        boolean dotted = false;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            checkRaw(c);
            escaped |= c == '%' || c > 127;
            dotted |= c == '.' && raw.charAt(i - 1) == '/';
        }
        if (!escaped && !dotted) {
            return raw;
        }
        String path = escaped ? unescape(raw) : raw;
        return path.contains("/.") ? withoutDotSegments(path) : path;
    }

    /** Refuses characters that must be escaped in a target; bytes above 127 are left for the UTF-8 check. */
    static void checkRaw(char c) throws MalformedRequestException {
        if (c <= ' ' || c == 127 || c == '#' || c > 255) {
            throw new MalformedRequestException(400, "The request target holds a character that is not allowed");
        }
    }

    private static String unescape(String raw) throws MalformedRequestException {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                c = escape(raw, i);
                i += 2;
            }
            bytes[length++] = (byte) c;
        }
        return text(ByteBuffer.wrap(bytes, 0, length));
    }

    private static String text(ByteBuffer bytes) throws MalformedRequestException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CoderResult result = decoder.decode(bytes, text, true);
        while (result.isError()) {
            if (isOverlong(bytes)) {
                throw new MalformedRequestException(400, "The path holds an overlong form of a character");
            }
            for (int i = 0; i < result.length(); i++) {
                text.put((char) (RAW + (bytes.get() & 0xFF)));
            }
            result = decoder.decode(bytes, text, true);
        }
        return text.flip().toString();
    }

    /**
     * Whether the next bytes are an overlong form of a character. Dots and slashes are written so only to hide them
     * from checks.
     */
    private static boolean isOverlong(ByteBuffer bytes) {
        int first = bytes.get(bytes.position()) & 0xFF;
        int second = bytes.remaining() > 1 ? bytes.get(bytes.position() + 1) & 0xFF : 0;
        return second >= 0x80
                && second < 0xC0
                && (first == 0xC0 || first == 0xC1 || first == 0xE0 && second < 0xA0 || first == 0xF0 && second < 0x90);
    }

    private static char escape(String raw, int at) throws MalformedRequestException {
        int high = at + 2 < raw.length() ? Character.digit(raw.charAt(at + 1), 16) : -1;
        int low = high < 0 ? -1 : Character.digit(raw.charAt(at + 2), 16);
        if (low < 0) {
            throw new MalformedRequestException(400, "The path holds a percent sign that is not an escape");
        }
        char c = (char) (high << 4 | low);
        if (c < ' ' || c == 127) {
            throw new MalformedRequestException(400, "The path holds a control character");
        }
        if (c == '/') {
            // Programs differ on whether it separates segments, which lets requests slip past checks.
            throw new MalformedRequestException(400, "The path holds an encoded slash");
        }
        return c;
    }

    private static String withoutDotSegments(String path) throws MalformedRequestException {
        StringBuilder out = new StringBuilder(path.length());
        int start = 0;
        while (start < path.length()) {
            int end = path.indexOf('/', start + 1);
            if (end < 0) {
                end = path.length();
            }
            String segment = path.substring(start + 1, end);
            boolean last = end == path.length();
            if (segment.equals("..")) {
                if (out.isEmpty()) {
                    throw new MalformedRequestException(400, "The path leaves the root");
                }
                out.setLength(out.lastIndexOf("/"));
            } else if (!segment.equals(".")) {
                out.append('/').append(segment);
                last = false;
            }
            if (last) {
                out.append('/');
            }
            start = end;
        }
        return out.toString();
    }
}
