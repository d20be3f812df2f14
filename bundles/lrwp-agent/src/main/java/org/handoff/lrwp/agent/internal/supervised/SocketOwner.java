package org.handoff.lrwp.agent.internal.supervised;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the process that owns a TCP connection on this machine, by the kernel's tables: so no process has to identify
 * itself, and none can pass for another. Sees processes of the same user only. Blocks while it reads {@code /proc}.
 */
final class SocketOwner {

    private static final Logger LOG = LoggerFactory.getLogger(SocketOwner.class);

    private static final Path PROC = Path.of("/proc");
    private static final List<Path> TABLES = List.of(PROC.resolve("net/tcp"), PROC.resolve("net/tcp6"));
    // The columns of these tables, between spaces.
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    /** The kernel writes these tables piece by piece, and may omit a connection while others come and go. */
    private static final int READINGS = 3;

    private SocketOwner() {}

    /**
     * The number of the socket at one end of a connection.
     *
     * @param local the address of that end
     * @return null if there is none on this machine
     */
    static String socket(InetSocketAddress local, InetSocketAddress remote) {
        String found = null;
        for (int i = 0; i < READINGS && found == null; i++) {
            found = read(local, remote);
        }
        return found;
    }

    private static String read(InetSocketAddress local, InetSocketAddress remote) {
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.lines(table)) {
                String found = lines.skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(columns ->
                                columns.length > INODE && is(columns[LOCAL], local) && is(columns[REMOTE], remote))
                        .map(columns -> columns[INODE])
                        .findFirst()
                        .orElse(null);
                if (found != null) {
                    return found;
                }
            } catch (IOException e) {
                LOG.debug("{} cannot be read", table, e);
            }
        }
        return null;
    }

    /** Whether a table's {@code 0100007F:0439} is this address. */
    private static boolean is(String text, InetSocketAddress address) {
        int colon = text.indexOf(':');
        try {
            return Integer.parseInt(text, colon + 1, text.length(), 16) == address.getPort()
                    && address(text.substring(0, colon)).equals(address.getAddress());
        } catch (NumberFormatException | UnknownHostException e) {
            LOG.debug("not an address: {}", text, e);
            return false;
        }
    }

    /** Bytes in words of four, each in the machine's own order; an IPv4 address within IPv6 is the IPv4 address. */
    private static InetAddress address(String hex) throws UnknownHostException {
        byte[] bytes = new byte[hex.length() / 2];
        boolean turned = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < bytes.length; i++) {
            int at = turned ? i / 4 * 4 + 3 - i % 4 : i;
            bytes[at] = (byte) Integer.parseInt(hex, 2 * i, 2 * i + 2, 16);
        }
        return InetAddress.getByAddress(bytes);
    }

    /** Whether a process, or one of its descendants, has a socket open. */
    static boolean has(ProcessHandle process, String socket) {
        return hasItself(process, socket) || process.descendants().anyMatch(child -> hasItself(child, socket));
    }

    private static boolean hasItself(ProcessHandle process, String socket) {
        String wanted = "socket:[" + socket + "]";
        try (DirectoryStream<Path> open = Files.newDirectoryStream(
                PROC.resolve(Long.toString(process.pid())).resolve("fd"))) {
            for (Path descriptor : open) {
                if (isLinkTo(descriptor, wanted)) {
                    return true;
                }
            }
        } catch (IOException e) {
            LOG.debug("process {} has gone, or is another user's", process.pid(), e);
        }
        return false;
    }

    private static boolean isLinkTo(Path descriptor, String wanted) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(wanted);
        } catch (IOException e) {
            // Closed in the meantime.
            return false;
        }
    }
}
