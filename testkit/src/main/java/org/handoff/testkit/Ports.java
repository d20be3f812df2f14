package org.handoff.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for what cannot take any that the system chooses. */
public final class Ports {

    /** The first port that the system gives to clients by default: {@code net.ipv4.ip_local_port_range}. */
    private static final int FIRST_OF_THE_SYSTEM = 32_768;

    private static final int FIRST = 10_000;
    private static final int TRIES = 100;

    private Ports() {}

    /** A port that nobody has, of those that the system gives to nobody meanwhile. */
    public static int free() throws IOException {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_OF_THE_SYSTEM);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody has it: another one.
            }
        }
        throw new IOException("no free port found between " + FIRST + " and " + FIRST_OF_THE_SYSTEM);
    }
}
