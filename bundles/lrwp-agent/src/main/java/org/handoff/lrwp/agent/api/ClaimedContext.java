package org.handoff.lrwp.agent.api;

/**
 * A context whose owner a front asks before peers.
 *
 * @param context a path, with its slash at the beginning
 * @param owner for people
 */
public record ClaimedContext(String context, String owner) {}
