package org.handoff.worker.pool.internal.supervision;

/**
 * The end of a worker's process.
 *
 * @param isClean whether it ended like a process that was told to finish
 * @param words the same for people, with the reason as far as it is known
 * @param byCommand whether a command ended it
 */
public record WorkerEnd(boolean isClean, String words, boolean byCommand) {}
