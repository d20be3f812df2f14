package org.handoff.itests.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

import org.handoff.itests.handlers.gate.Gate;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.testkit.Await;

/** Holds requests in their handlers, as long as a test wants: the test's end of {@link Gate}. */
public final class Doors implements AutoCloseable {

    private static final String JAR = "gate.jar";
    private static final int BACKLOG = 1000;

    private final Karaf karaf;
    private final String path;
    private final boolean deployed;
    private final ServerSocket server;
    private final List<Socket> held = new ArrayList<>();

    /** Deploys the handler. */
    public Doors(Karaf karaf) throws Exception {
        this(karaf, "/gate", true);
    }

    /** @param path of a handler that is there */
    public Doors(Karaf karaf, String path) throws Exception {
        this(karaf, path, false);
    }

    private Doors(Karaf karaf, String path, boolean deployed) throws Exception {
        this.karaf = karaf;
        this.path = path;
        this.deployed = deployed;
        this.server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        server.setSoTimeout((int) Await.DEADLINE.toMillis());
        if (deployed) {
            karaf.deploy(HandlerBundle.build("test.gate", Gate.class), JAR);
        }
        // Without a port the handler fails, which tells that it is there.
        karaf.awaitStatus(500, path);
    }

    /** Sends a request that is held. */
    public void send(Http http) throws IOException {
        http.send("GET " + path + "?" + server.getLocalPort() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    /** Waits until a request has come to its handler. @return the process that handles it */
    public long awaitHeld() throws IOException {
        Socket one = server.accept();
        held.add(one);
        return Long.parseLong(new BufferedReader(new InputStreamReader(one.getInputStream())).readLine());
    }

    /** Lets all requests that are held be answered. */
    public void open() throws IOException {
        for (Socket one : held) {
            one.close();
        }
        held.clear();
    }

    @Override
    public void close() throws IOException {
        open();
        // Nobody answers from here on: what is sent now fails.
        server.close();
        if (deployed) {
            karaf.undeployAndAwait(JAR, path);
        }
    }
}
