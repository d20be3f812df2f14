package org.newsclub.net.unix;

import java.io.FileDescriptor;
import java.io.IOException;

/**
 * Sets the mode of a socket by its descriptor's number. In junixsocket's package for the reason that {@link
 * SeqPacketSocket} gives.
 */
public final class DescriptorMode {

    private DescriptorMode() {}

    /** Puts it into non-blocking mode. @throws IOException if it is not open */
    public static void nonBlocking(int descriptor) throws IOException {
        NativeUnixSocket.ensureSupported();
        FileDescriptor socket = new FileDescriptor();
        NativeUnixSocket.initFD(socket, descriptor);
        NativeUnixSocket.configureBlocking(socket, false);
    }
}
