package org.handoff.lrwp.agent.protocol;

/**
 * What a peer asks for in its startup string.
 *
 * @param lrwp2 whether it speaks LRWP 2; else it speaks 1.0
 * @param cancels whether it speaks LRWP 2.1, our own: it ends what it does when it is sent {@link #CANCEL}
 * @param name the application: a path without its leading slash, empty for the root, or an extension with its dot
 * @param host the only host it is for, in lower case; empty for any
 */
public record Startup(boolean lrwp2, boolean cancels, String name, String host) {

    /** Ends the fields of a startup string, and as its first byte says that it is version 2 or later. */
    public static final byte SEPARATOR = (byte) 0xFF;

    /**
     * Tells a peer of LRWP 2.1 that nobody waits for its answer any more. It may come too late, behind the answer: then
     * it means nothing, and the next request follows it.
     */
    public static final byte CANCEL = 0x18;

    /** The protocol's version, as people write it. */
    public String version() {
        return cancels ? "2.1" : lrwp2 ? "2.0" : "1.0";
    }

    /** Whether the application is for paths with an extension instead of a context. */
    public boolean isExtension() {
        return name.startsWith(".");
    }
}
