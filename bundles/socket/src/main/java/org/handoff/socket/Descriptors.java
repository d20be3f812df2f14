package org.handoff.socket;

import java.io.IOException;

import org.newsclub.net.unix.DescriptorCopy;

/** What can be done with a descriptor that is only a number. */
public final class Descriptors {

    private Descriptors() {
    }

    /**
     * Makes a second descriptor of the same open socket or file, so that two event loops can each own one.
     *
     * @return its number; the caller closes it
     * @throws IOException if the process has no descriptors left, or the first one is not open
     */
    public static int duplicate(int descriptor) throws IOException {
        return DescriptorCopy.of(descriptor);
    }
}
