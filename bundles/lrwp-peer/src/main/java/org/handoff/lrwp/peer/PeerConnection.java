package org.handoff.lrwp.peer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.handoff.lrwp.protocol.Environment;
import org.handoff.lrwp.protocol.Registration;
import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the agent, with its thread: connects, registers, serves, and connects again when it is lost. */
final class PeerConnection {

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

    private static final int MAX_ENVIRONMENT = 16 << 20;
    private static final int BUFFER = 16 * 1024;
    private static final long FIRST_PAUSE_MILLIS = 100;
    /** The limit for the agent's answer to a registration, which comes at once. */
    private static final int REGISTERING_MILLIS = 30_000;

    private enum Phase {
        UNREGISTERED,
        /** Registered, and waiting for a request. */
        FREE,
        HANDLING
    }

    private final LrwpPeer.Builder settings;
    private final Handler handler;
    private final Thread thread;
    // Guarded by this.
    private Socket socket;
    private Phase phase = Phase.UNREGISTERED;
    private boolean closed;
    private String lastProblem;

    PeerConnection(LrwpPeer.Builder settings, int number, Handler handler) {
        this.settings = settings;
        this.handler = handler;
        thread = new Thread(this::run, "lrwp-peer-" + settings.name + '-' + number);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized boolean isRegistered() {
        return phase != Phase.UNREGISTERED;
    }

    /** Ends the connection, after the handler's return. */
    synchronized void close() {
        closed = true;
        notifyAll();
        if (phase != Phase.HANDLING) {
            closeSocket();
        }
    }

    void awaitEnd(long end) {
        try {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            closeSocket();
        }
    }

    private void closeSocket() {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("the connection was closed already", e);
            }
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!isClosed()) {
            boolean served = false;
            try (Socket connected = settings.sockets.createSocket(settings.agentHost, settings.agentPort)) {
                if (!begin(connected)) {
                    return;
                }
                connected.setTcpNoDelay(true);
                // An agent whose machine is gone sends nothing; keep-alive finds that out.
                connected.setKeepAlive(true);
                connected.setSoTimeout(REGISTERING_MILLIS);
                InputStream in = new BufferedInputStream(connected.getInputStream(), BUFFER);
                OutputStream out = new BufferedOutputStream(connected.getOutputStream(), BUFFER);
                register(in, out);
                connected.setSoTimeout(0);
                served = true;
                serve(in, out);
            } catch (IOException e) {
                problem(served, e);
            } finally {
                ended();
            }
            pause = served ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, settings.longestPause.toMillis());
            pause(pause);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized boolean begin(Socket connected) {
        socket = connected;
        return !closed;
    }

    private synchronized void ended() {
        socket = null;
        phase = Phase.UNREGISTERED;
    }

    private synchronized void problem(boolean served, IOException e) {
        String problem = (served ? "has lost its agent" : "cannot register") + ": " + e.getMessage();
        if (!closed && !problem.equals(lastProblem)) {
            // Once, not at each attempt.
            lastProblem = problem;
            LOG.warn(
                    "The peer {} {} ({}:{}); it tries again",
                    settings.name,
                    problem,
                    settings.agentHost,
                    settings.agentPort);
        }
    }

    /** Waits, a random bit longer or shorter, so that many peers do not all come back at once. */
    private synchronized void pause(long millis) {
        long end = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(
                        millis / 2 + ThreadLocalRandom.current().nextLong(millis));
        try {
            for (long left = 1; !closed && left > 0; ) {
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left > 0) {
                    wait(left);
                }
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    // ---- the protocol

    private void register(InputStream in, OutputStream out) throws IOException {
        new Registration(in::read, bytes -> {
                    out.write(bytes);
                    out.flush();
                })
                .register(new Startup(true, false, settings.name, settings.virtualHost), settings.password);
        synchronized (this) {
            phase = Phase.FREE;
            lastProblem = null;
        }
        LOG.info("The peer {} is registered at {}:{}", settings.name, settings.agentHost, settings.agentPort);
    }

    private void serve(InputStream in, OutputStream out) throws IOException {
        while (true) {
            byte[] environment = sized(in, MAX_ENVIRONMENT);
            try (SizedInput body = new SizedInput(in, readSize(in));
                    PeerResponse response = new PeerResponse()) {
                synchronized (this) {
                    phase = Phase.HANDLING;
                }
                PeerRequest request = new PeerRequest(Environment.parse(environment), body);
                handle(request, response);
                body.skipRest();
                response.send(out, request.method().equals("HEAD"));
                out.flush();
            }
            synchronized (this) {
                phase = Phase.FREE;
                if (closed) {
                    return;
                }
            }
        }
    }

    private void handle(PeerRequest request, PeerResponse response) {
        try {
            handler.handle(request, response);
            response.finish();
        } catch (HttpException e) {
            LOG.debug("The handler of {} refused a request", settings.name, e);
            response.fail(e.status());
        } catch (Throwable e) {
            // An error too ends this request only, as in a worker.
            LOG.error("The handler of {} failed at {} {}", settings.name, request.method(), request.path(), e);
            response.fail(500);
        }
    }

    private static byte[] sized(InputStream in, int most) throws IOException {
        int size = readSize(in);
        if (size > most) {
            throw new IOException("the agent announces " + size + " bytes where at most " + most + " are possible");
        }
        return bytes(in, size);
    }

    private static int readSize(InputStream in) throws IOException {
        return Size.parse(bytes(in, Size.DIGITS));
    }

    private static byte[] bytes(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the agent has closed the connection");
        }
        return bytes;
    }

    static byte[] size(long size) throws IOException {
        if (size > Size.MAX) {
            throw new IOException("a response of " + size + " bytes is too long for LRWP");
        }
        return Size.of(size);
    }
}
