package org.handoff.http;

import java.nio.channels.FileChannel;

/**
 * Bytes of a connection that somebody has read before, and has written to a file: they come before all others.
 *
 * @param file is read by offset only, and not closed by who reads
 * @param from where in the file the first of them is
 * @param to where in the file the last of them ends
 */
public record FileInput(FileChannel file, long from, long to) {}
