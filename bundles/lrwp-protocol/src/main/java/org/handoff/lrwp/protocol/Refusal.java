package org.handoff.lrwp.protocol;

/** The reasons for refusing a peer, in texts that peers show to people. */
public enum Refusal {
    UNKNOWN_VERSION("unknown version"),
    MALFORMED("malformed startup string"),
    UNAUTHORIZED("unauthorized access"),
    NOT_PERMITTED("application not permitted"),
    NEEDS_LRWP2("connection requires LRWP2 authentication"),
    TOO_LONG("component too long"),
    OUT_OF_RESOURCES("out of resources");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** The text. */
    public String text() {
        return text;
    }

    /**
     * The answer to the startup string, after which the connection is closed.
     *
     * @param lrwp2 whether the peer's first byte said that it speaks version 2 or later
     */
    public byte[] answer(boolean lrwp2) {
        return lrwp2 ? Words.fields(Words.REJECTED, text) : Words.bytes("ERROR: " + text);
    }
}
