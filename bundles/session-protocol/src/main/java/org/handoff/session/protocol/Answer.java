package org.handoff.session.protocol;

import java.util.Map;

/** A frame from the store to a worker. */
public sealed interface Answer {

    /**
     * To {@link Request.Hello}.
     *
     * @param version of the protocol on this connection
     * @param most the most bytes of a session, as {@link Frames#bytes} counts them
     */
    record Welcome(int version, int most) implements Answer {}

    /**
     * To {@link Request.Load}.
     *
     * @param created when it was made, in milliseconds since 1970
     * @param accessed its latest access before this one, in milliseconds since 1970
     * @param maxInactive seconds without an access after which it ends; 0 or less for never
     * @param attributes its attributes, by name
     */
    record Session(long created, long accessed, int maxInactive, Map<String, byte[]> attributes) implements Answer {}

    /** It is done. */
    record Done() implements Answer {}

    /** The session does not exist, or no longer. */
    record Gone() implements Answer {}

    /** The session would become too large, and is unchanged. @param bytes the size that it would have */
    record TooLarge(long bytes) implements Answer {}

    /** The store ends the connection. @param reason for people */
    record Refused(String reason) implements Answer {}
}
