package org.handoff.lrwp.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads a startup string, however TCP has split it. A 1.0 string may end without a separator: it is complete then once
 * the peer has been quiet for a while, which the caller measures.
 */
public final class StartupParser {

    /** The longest startup string, in bytes. */
    public static final int MAX_LENGTH = 1024;
    /** The longest name and the longest host, in bytes. */
    public static final int MAX_COMPONENT = 200;

    private static final Pattern VERSION_2 = Pattern.compile("2(\\.\\d+)?");
    private static final Pattern VERSION = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");
    private static final Pattern HOST = Pattern.compile("[a-z0-9._-]*|\\[[0-9a-f:.]{2,45}]");
    private static final Pattern EXTENSION = Pattern.compile("\\.[^/.%?#\\p{Cntrl}]+");

    /** The version whose peers know of cancellation. */
    private static final byte[] CANCELLING = {'2', '.', '1'};

    /** Decides which contexts are possible. */
    @FunctionalInterface
    public interface Contexts {

        /**
         * A context in its normal form.
         *
         * @param context as the peer has written it, with a slash at its beginning
         * @throws IllegalArgumentException if it is impossible; the message gives the reason
         */
        String valid(String context);
    }

    private final Contexts contexts;
    private final List<byte[]> fields = new ArrayList<>(4);
    private final ByteArrayOutputStream field = new ByteArrayOutputStream(64);
    private boolean lrwp2;
    private int length;

    /** @param contexts decides which names of contexts are accepted */
    public StartupParser(Contexts contexts) {
        this.contexts = contexts;
    }

    /**
     * Reads received bytes. Takes no byte beyond the string's end.
     *
     * @return the startup string's content, or null if it is not complete
     * @throws RefusedException if it cannot be accepted
     */
    public Startup read(ByteBuffer in) throws RefusedException {
        while (in.hasRemaining()) {
            byte b = in.get();
            if (length++ == 0 && b == Words.SEPARATOR) {
                lrwp2 = true;
                continue;
            }
            if (length > MAX_LENGTH) {
                throw new RefusedException(Refusal.TOO_LONG);
            }
            if (b != Words.SEPARATOR) {
                field.write(b);
                checkLength();
                continue;
            }
            fields.add(field.toByteArray());
            field.reset();
            if (lrwp2 && fields.size() == 1) {
                checkVersion();
            }
            if (fields.size() == 3) {
                return startup();
            }
        }
        return null;
    }

    /** Whether the string is sufficient if the peer sends no more: at most the filter and its separator are missing. */
    public boolean isEnough() {
        return !lrwp2 && fields.size() == 2;
    }

    /** Whether the first byte announced version 2 or later. */
    public boolean isLrwp2() {
        return lrwp2;
    }

    /** Whether no byte has come yet. */
    public boolean isEmpty() {
        return length == 0;
    }

    /**
     * The startup string's content, if {@link #isEnough} and the peer has been quiet.
     *
     * @throws RefusedException if it cannot be accepted
     */
    public Startup startup() throws RefusedException {
        int first = lrwp2 ? 1 : 0;
        String name = text(fields.get(first));
        String host = text(fields.get(first + 1)).toLowerCase(Locale.ROOT);
        if (!HOST.matcher(host).matches()) {
            throw malformed("the virtual host " + quoted(fields.get(first + 1)) + " is not a host name");
        }
        return new Startup(lrwp2, lrwp2 && Arrays.equals(fields.get(0), CANCELLING), checkName(name), host);
    }

    private String checkName(String name) throws RefusedException {
        if (name.startsWith(".")) {
            if (EXTENSION.matcher(name).matches()) {
                return name;
            }
            throw malformed("the name \"" + printable(name) + "\" is no extension: one has a dot at its beginning "
                    + "and no other, and no slash, percent sign, question mark or number sign");
        }
        if (name.isEmpty()) {
            throw malformed("the name is empty; the root context is named /");
        }
        try {
            return contexts.valid(name.startsWith("/") ? name : "/" + name).substring(1);
        } catch (IllegalArgumentException e) {
            throw malformed(printable(e.getMessage()));
        }
    }

    /** A component that is too long is refused before it has come completely, so that it uses no memory. */
    private void checkLength() throws RefusedException {
        boolean limited = fields.size() < (lrwp2 ? 3 : 2);
        if (limited && field.size() > MAX_COMPONENT) {
            throw new RefusedException(Refusal.TOO_LONG);
        }
    }

    private void checkVersion() throws RefusedException {
        String version = new String(fields.get(0), StandardCharsets.ISO_8859_1);
        if (!VERSION_2.matcher(version).matches()) {
            throw new RefusedException(
                    VERSION.matcher(version).matches() ? Refusal.UNKNOWN_VERSION : Refusal.MALFORMED);
        }
    }

    private static String text(byte[] bytes) throws RefusedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed(quoted(bytes) + " is not UTF-8");
        }
    }

    private static RefusedException malformed(String detail) {
        return new RefusedException(Refusal.MALFORMED, detail);
    }

    private static String quoted(byte[] sent) {
        return '"' + printable(new String(sent, StandardCharsets.ISO_8859_1)) + '"';
    }

    /** A peer's text in a form for the log: each character but those of printable ASCII as {@code \\xNN}. */
    private static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars()
                .forEach(c -> out.append(c >= ' ' && c < 127 ? String.valueOf((char) c) : String.format("\\x%02x", c)));
        return out.toString();
    }
}
