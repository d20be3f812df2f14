package org.handoff.http.loop;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.Set;

import io.netty.channel.unix.Errors.NativeIoException;

/** Tells a client's end from a failed system, by the error of a system call on the client's connection. */
public final class SystemErrors {

    /**
     * EPIPE, EPROTO, and from ENETDOWN to EHOSTUNREACH the errors caused by networks and peers, in Linux's
     * asm-generic/errno.h.
     */
    private static final Set<Integer> ENDS = Set.of(32, 71, 100, 101, 102, 103, 104, 107, 108, 110, 111, 112, 113);

    private SystemErrors() {}

    /**
     * Whether the system refuses a call though the client may be there, for example for lack of memory: the call sent
     * and received nothing. Otherwise the connection has ended.
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
