package org.handoff.socket;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;

import org.newsclub.net.unix.DescriptorCopy;
import org.newsclub.net.unix.DescriptorMode;
import org.newsclub.net.unix.FileDescriptorCast;

/** Operations on descriptors that are only numbers. */
public final class Descriptors {

    private Descriptors() {}

    /**
     * Makes a second descriptor of the same open socket or file, so that two event loops can each own one.
     *
     * @return its number; the caller closes it
     * @throws IOException if the process has no descriptors left, or the first one is not open
     */
    public static int duplicate(int descriptor) throws IOException {
        return DescriptorCopy.of(descriptor);
    }

    /**
     * Puts a socket into non-blocking mode, which is the same for all processes that share the socket.
     *
     * @throws IOException if it is not open
     */
    public static void makeNonBlocking(int descriptor) throws IOException {
        DescriptorMode.nonBlocking(descriptor);
    }

    /** The number of bytes that can be read from a socket now without waiting. @throws IOException if it is not open */
    public static int available(int descriptor) throws IOException {
        // Not closed: the descriptor is the caller's, and the object only asks the system (FIONREAD).
        return new FileInputStream(FileDescriptorCast.unsafeUsing(descriptor).getFileDescriptor()).available();
    }

    /**
     * The number of a descriptor, to be passed on. It belongs to the descriptor's owner.
     *
     * @throws IOException if it is closed
     */
    public static int number(FileDescriptor descriptor) throws IOException {
        return FileDescriptorCast.using(descriptor).as(Integer.class);
    }
}
