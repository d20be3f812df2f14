package org.handoff.monitor.api;

import org.handoff.socket.SharedFile;

/**
 * The first bytes of a large request, in a file. A process that is not trusted may have written it, and may still write
 * to it: it is read by offset only, and may turn out to be shorter than it should.
 *
 * @param file where they are
 * @param offset where in the file they begin, 0 or more
 * @param length how many they are, 1 or more
 */
public record EarlierBytes(SharedFile file, long offset, long length) {}
