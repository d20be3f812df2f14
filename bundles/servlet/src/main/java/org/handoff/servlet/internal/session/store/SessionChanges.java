package org.handoff.servlet.internal.session.store;

import java.util.Map;
import java.util.Set;

/**
 * The changes of one request to a session.
 *
 * @param create whether to make the session if it does not exist
 * @param maxInactive seconds without an access after which it ends; 0 or less for never
 * @param removed names of attributes
 * @param set serialized attributes, by name
 */
public record SessionChanges(boolean create, int maxInactive, Set<String> removed, Map<String, byte[]> set) {}
