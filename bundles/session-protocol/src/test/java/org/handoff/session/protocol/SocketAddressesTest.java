package org.handoff.session.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

class SocketAddressesTest {

    @Test
    void reachesSocketsWithLongPaths() throws Exception {
        Path folder = Files.createDirectories(
                Path.of("target", "sockets", "x".repeat(60)).toAbsolutePath());
        Path path = folder.resolve("socket");
        assertTrue(path.toString().length() > 107
                || Path.of("").toAbsolutePath().toString().length() < 30);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(SocketAddresses.of(path));
            assertTrue(Files.exists(path));
            SocketChannel.open(SocketAddresses.of(path)).close();
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void keepsShortPathsAndNamesTooLongOnes() {
        assertEquals(
                Path.of("/tmp/socket"),
                SocketAddresses.of(Path.of("/tmp/socket")).getPath());
        Path tooLong = Path.of("/tmp", "x".repeat(108));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> SocketAddresses.of(tooLong))
                .getMessage()
                .contains(tooLong.toString()));
    }
}
