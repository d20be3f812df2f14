package org.handoff.session.protocol;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** Addresses of Unix domain sockets, for which the system has little more than a hundred bytes. */
public final class SocketAddresses {

    /** The most bytes of an address: {@code sockaddr_un} of Linux, without the final zero. */
    private static final int MOST = 107;

    private SocketAddresses() {}

    /**
     * The address of a socket; relative to this process's working directory if the path is too long.
     *
     * @throws IllegalArgumentException if that is too long too
     */
    public static UnixDomainSocketAddress of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        if (isShort(absolute)) {
            return UnixDomainSocketAddress.of(absolute);
        }
        Path relative = Path.of("").toAbsolutePath().relativize(absolute);
        if (isShort(relative)) {
            return UnixDomainSocketAddress.of(relative);
        }
        throw new IllegalArgumentException(absolute + ": too long for a socket, whose path has " + MOST
                + " bytes at most; move Karaf's data folder");
    }

    private static boolean isShort(Path path) {
        return path.toString().getBytes().length <= MOST;
    }
}
