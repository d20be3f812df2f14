package org.handoff.worker.pool.internal.config;

import java.util.List;

/**
 * The program that prints what a native worker's threads do, for workers that cannot do so themselves: a debugger.
 *
 * @param words the program and its arguments, in which {@link #PID} stands for the worker's process
 */
public record DumpCommand(List<String> words) {

    private static final String KEY = "dump.command";
    private static final String PID = "{pid}";

    /**
     * @return null for none
     * @throws IllegalArgumentException if it is not possible; the message names key, value and remedy
     */
    static DumpCommand of(PoolConfig config) {
        String configured = config.dump_command();
        List<String> words = CommandLine.words(KEY, configured);
        if (words.isEmpty()) {
            return null;
        }
        if (!PoolKind.isForPrograms(config.kind())) {
            throw new IllegalArgumentException(
                    KEY + " = " + configured + ": only for pools of the kind native; leave " + "it out");
        }
        if (words.stream().skip(1).noneMatch(word -> word.contains(PID))) {
            throw new IllegalArgumentException(KEY + " = " + configured + ": names no process; write " + PID
                    + " in its place, as in gdb -p " + PID + " -batch -ex bt");
        }
        return new DumpCommand(words);
    }

    /** The command line for a process. */
    public List<String> about(long pid) {
        return words.stream().map(word -> word.replace(PID, Long.toString(pid))).toList();
    }
}
