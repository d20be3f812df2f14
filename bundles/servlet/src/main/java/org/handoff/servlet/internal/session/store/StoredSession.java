package org.handoff.servlet.internal.session.store;

import java.util.Map;

/**
 * A session as the store has it.
 *
 * @param created when it was made, in milliseconds since 1970
 * @param accessed its latest access before this one, in milliseconds since 1970
 * @param maxInactive seconds without an access after which it ends; 0 or less for never
 * @param attributes its serialized attributes, by name; the arrays are the receiver's
 */
public record StoredSession(long created, long accessed, int maxInactive, Map<String, byte[]> attributes) {}
