package org.handoff.lrwp.protocol;

/**
 * What a peer asks for in its startup string.
 *
 * @param lrwp2 whether it speaks LRWP 2; else it speaks 1.0
 * @param name the application: a path without its leading slash, empty for the root, or an extension with its dot
 * @param host the only host it is for, in lower case; empty for any
 */
public record Startup(boolean lrwp2, String name, String host) {

    /** Ends the fields of a startup string, and as its first byte says that it is version 2 or later. */
    public static final byte SEPARATOR = (byte) 0xFF;

    /** The protocol's version, as people write it. */
    public String version() {
        return lrwp2 ? "2.0" : "1.0";
    }

    /** Whether the application is for paths with an extension instead of a context. */
    public boolean isExtension() {
        return name.startsWith(".");
    }
}
