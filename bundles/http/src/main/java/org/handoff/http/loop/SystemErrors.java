package org.handoff.http.loop;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.Set;

import io.netty.channel.unix.Errors.NativeIoException;

/** What a failed system call on a client's connection says of the client. */
public final class SystemErrors {

    /** EPIPE, EPROTO, and from ENETDOWN to EHOSTUNREACH what networks and peers do, in Linux's asm-generic/errno.h. */
    private static final Set<Integer> ENDS = Set.of(32, 71, 100, 101, 102, 103, 104, 107, 108, 110, 111, 112, 113);

    private SystemErrors() {}

    /**
     * Whether the system refuses a call though the client may be there, for lack of memory as an example: nothing was
     * sent or received by it. Else the connection has ended.
     */
    public static boolean isRefusal(Throwable failure) {
        if (failure instanceof NativeIoException call) {
            return !ENDS.contains(-call.expectedErr());
        }
        return failure instanceof IOException
                && !(failure instanceof ClosedChannelException)
                && !(failure.getCause() instanceof NotYetConnectedException);
    }
}
