package org.handoff.worker.pool.internal.supervision;

/**
 * How a worker's process ended.
 *
 * @param isClean whether it ended as one does that was told to finish
 * @param words the same for people, with the reason as far as it is known
 * @param byCommand whether somebody wanted it dead
 */
public record WorkerEnd(boolean isClean, String words, boolean byCommand) {}
