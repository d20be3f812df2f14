package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** The words and marks of the protocol, each the same for both ends. */
public final class Words {

    /** Ends the fields of a startup string and the agent's words; as a first byte it announces version 2 or later. */
    public static final byte SEPARATOR = (byte) 0xFF;

    /**
     * Tells a peer of LRWP 2.1 that its response is not needed any more. It may come too late, after the response: then
     * the peer ignores it, and the next request follows.
     */
    public static final byte CANCEL = 0x18;

    /** The agent lets a peer in. */
    static final String OK = "OK";
    /** The agent refuses a peer; the reason follows. */
    static final String REJECTED = "REJECTED";
    /** The agent asks for a password: a size and that number of random bytes follow. */
    static final String CHALLENGE = "CHALLENGE";

    private static final String FIELD_END = String.valueOf((char) (SEPARATOR & 0xFF));
    private static final byte[] IN_PIECES = bytes("IN PIECES");
    private static final byte[] BROKEN_OFF = bytes("BROKENOFF");

    private Words() {}

    /** In the place of a response's size: it comes in pieces, each with its size in front. */
    public static byte[] inPieces() {
        return IN_PIECES.clone();
    }

    /** In the place of a piece's size: the response ends here, and is not complete. */
    public static byte[] brokenOff() {
        return BROKEN_OFF.clone();
    }

    /** The answer to an admitted peer. */
    public static byte[] accepted(boolean lrwp2) {
        return lrwp2 ? fields(OK) : bytes(OK);
    }

    /** Words in their form on the wire. */
    static byte[] fields(String... words) {
        return bytes(String.join(FIELD_END, words) + FIELD_END);
    }

    static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
