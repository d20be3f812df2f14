package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/**
 * A peer's startup string.
 *
 * @param lrwp2 whether it speaks LRWP 2; otherwise 1.0
 * @param cancels whether it speaks LRWP 2.1, our own: it ends a response when it gets {@link Words#CANCEL}
 * @param name the application: a path without its leading slash, empty for the root, or an extension with its dot
 * @param host the only host it is for, in lower case; empty for any
 */
public record Startup(boolean lrwp2, boolean cancels, String name, String host) {

    /** The protocol's version, for people. */
    public String version() {
        return cancels ? "2.1" : lrwp2 ? "2.0" : "1.0";
    }

    /** The startup string, as a peer of version 2 or later sends it. */
    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Words.SEPARATOR);
        for (String field : new String[] {version(), name.isEmpty() ? "/" : name, host}) {
            out.writeBytes(field.getBytes(UTF_8));
            out.write(Words.SEPARATOR);
        }
        return out.toByteArray();
    }

    /** Whether the application is for paths with an extension instead of a context. */
    public boolean isExtension() {
        return name.startsWith(".");
    }
}
