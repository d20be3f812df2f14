package org.handoff.servlet.internal.response;

import java.io.UnsupportedEncodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Set;

/** The media type of a response with its charset, of which a servlet sets each by methods of its own. */
final class ContentType {

    private static final String CHARSET = "charset=";

    /** Those whose text is in UTF-8 if nobody says otherwise: by their header, as Karaf's Jetty has it. */
    private static final Set<String> TOLD = Set.of("text/html", "text/xml", "application/xhtml+xml");
    /** Those whose text is in UTF-8, which needs no word of it. */
    private static final Set<String> KNOWN = Set.of("application/json", "text/json");

    /** Without the charset; null for none. */
    private String type;

    private String charset;
    private boolean isFixed;

    /** Sets the type, and the charset if the text has one. */
    void set(String text) {
        type = text;
        int semicolon = text == null ? -1 : text.indexOf(';');
        int at = semicolon < 0 ? -1 : text.toLowerCase(Locale.ROOT).indexOf(CHARSET, semicolon);
        if (at > 0 && text.substring(semicolon + 1, at).isBlank()) {
            type = text.substring(0, semicolon).strip();
            String named = text.substring(at + CHARSET.length());
            int end = named.indexOf(';');
            charset((end < 0 ? named : named.substring(0, end)).strip().replace("\"", ""));
        }
    }

    /** Sets the charset, as long as nothing was written in the one before. @param name null for the default */
    void charset(String name) {
        if (!isFixed) {
            charset = name;
        }
    }

    String charset() {
        if (charset != null) {
            return charset;
        }
        return (type != null && (TOLD.contains(type) || KNOWN.contains(type))
                        ? StandardCharsets.UTF_8
                        : StandardCharsets.ISO_8859_1)
                .name();
    }

    /** The charset to write in from now on. @throws UnsupportedEncodingException if this Java does not know it */
    Charset fix() throws UnsupportedEncodingException {
        try {
            Charset used = Charset.forName(charset());
            if (type == null || !KNOWN.contains(type)) {
                charset = charset();
            }
            isFixed = true;
            return used;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            UnsupportedEncodingException unknown = new UnsupportedEncodingException(charset());
            unknown.initCause(e);
            throw unknown;
        }
    }

    /** As the header field has it; null for none. */
    String text() {
        return type == null || charset == null ? type : type + ';' + CHARSET + charset.toLowerCase(Locale.ROOT);
    }

    void reset() {
        type = null;
        charset = null;
        isFixed = false;
    }
}
