package org.handoff.worker.protocol.generation;

import java.util.Set;

/**
 * Bundles of a generation that see each other's services and packages, and those of no other group.
 *
 * @param bundles their numbers in the generation file; a bundle may be in several groups
 * @param configurations the numbers of the configurations that they see
 */
public record BundleGroup(Set<Integer> bundles, Set<Integer> configurations) {}
