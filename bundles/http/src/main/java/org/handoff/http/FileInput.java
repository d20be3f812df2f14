package org.handoff.http;

import java.nio.channels.FileChannel;

/**
 * Bytes of a connection that another process has read before, and written to a file: they come before all others.
 *
 * @param file read by offset only, and not closed by the reader
 * @param from the offset of the first byte in the file
 * @param to the offset after the last byte in the file
 */
public record FileInput(FileChannel file, long from, long to) {}
