package org.handoff.session.protocol;

import java.util.Map;
import java.util.Set;

/** A frame from a worker to the store. The store answers each one, in order, before it reads the next one. */
public sealed interface Request {

    /** The first frame of a connection. @param version of the protocol that the worker speaks */
    record Hello(int version) implements Request {}

    /** Asks for a session, and counts as an access to it. */
    record Load(String id) implements Request {}

    /**
     * Changes a session, and counts as an access to it.
     *
     * @param create whether to make the session if it does not exist
     * @param maxInactive seconds without an access after which it ends; 0 or less for never
     * @param removed names of attributes that it no longer has
     * @param set attributes that it has from now on, by name
     */
    record Save(String id, boolean create, int maxInactive, Set<String> removed, Map<String, byte[]> set)
            implements Request {}

    /** Gives a session another id. If that was done before, it stays done. */
    record Rename(String id, String newId) implements Request {}

    /** Deletes a session, if it exists. */
    record Delete(String id) implements Request {}
}
