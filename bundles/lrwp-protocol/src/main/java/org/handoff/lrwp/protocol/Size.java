package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** The nine decimal digits in front of each part that has a length. */
public final class Size {

    /** The number of bytes of a size on the wire. */
    public static final int DIGITS = 9;
    /** The largest length in nine digits. */
    public static final long MAX = 999_999_999;

    private Size() {}

    /** A length in its form on the wire. @throws IllegalArgumentException if it does not fit into nine digits */
    public static byte[] of(long length) {
        if (length < 0 || length > MAX) {
            throw new IllegalArgumentException(length + " bytes do not fit into nine digits");
        }
        byte[] digits = new byte[DIGITS];
        long rest = length;
        for (int i = DIGITS - 1; i >= 0; i--) {
            digits[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return digits;
    }

    /**
     * Reads a length; the buffer holds all of its digits.
     *
     * @throws ProtocolException if they are not digits
     */
    public static int read(ByteBuffer in) throws ProtocolException {
        byte[] digits = new byte[DIGITS];
        in.get(in.position(), digits);
        int value = parse(digits);
        in.position(in.position() + DIGITS);
        return value;
    }

    /**
     * A length from its digits.
     *
     * @throws ProtocolException if they are not digits
     */
    public static int parse(byte[] digits) throws ProtocolException {
        int value = 0;
        for (byte b : digits) {
            if (b < '0' || b > '9') {
                throw new ProtocolException("its size is not nine digits: \""
                        + new String(digits, US_ASCII).replaceAll("[^ -~]", "?") + '"');
            }
            value = 10 * value + b - '0';
        }
        return value;
    }
}
