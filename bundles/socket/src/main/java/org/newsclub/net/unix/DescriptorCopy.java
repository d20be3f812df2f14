package org.newsclub.net.unix;

import java.io.FileDescriptor;
import java.io.IOException;

/**
 * Duplicates a descriptor by its number ({@code dup(2)}). In junixsocket's package for the reason that {@link
 * SeqPacketSocket} gives: the public method keeps records of objects, and a server duplicates millions.
 */
public final class DescriptorCopy {

    private DescriptorCopy() {}

    /**
     * Makes a second descriptor of an open file or socket.
     *
     * @return its number, which is the caller's
     * @throws IOException if the process has no descriptors left, or the first one is not open
     */
    public static int of(int descriptor) throws IOException {
        NativeUnixSocket.ensureSupported();
        FileDescriptor source = new FileDescriptor();
        NativeUnixSocket.initFD(source, descriptor);
        FileDescriptor copy = NativeUnixSocket.duplicate(source, new FileDescriptor());
        if (copy == null) {
            throw new IOException("descriptor " + descriptor + " cannot be duplicated");
        }
        return NativeUnixSocket.getFD(copy);
    }
}
