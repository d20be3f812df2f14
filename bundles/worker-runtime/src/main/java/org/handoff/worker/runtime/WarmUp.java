package org.handoff.worker.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.routing.ContextTable;
import org.handoff.socket.ControlSocket;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.generation.GenerationException;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.runtime.handler.Directories;
import org.handoff.worker.runtime.handler.Handlers;
import org.osgi.framework.BundleException;

/**
 * A worker's whole life without a monitor: start, one request, retirement. So the JVM loads the classes that every
 * worker needs, and can write them to an archive at its exit.
 */
final class WarmUp {

    private static final int MILLIS = 10_000;
    private static final byte[] REQUEST =
            "GET /warm-up?x=y HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY = WarmHandler.BODY.getBytes(StandardCharsets.US_ASCII);

    private WarmUp() {}

    static void run() throws GenerationException, IOException, BundleException {
        Path directory = Files.createTempDirectory("handoff-warm-up");
        try {
            Path file = directory.resolve("scoreboard");
            MonitorScoreboard.create(file).close();
            WorkerProcess process = new WorkerProcess(Scoreboard.open(file), Dispatch.ADAPTIVE, 0);
            try {
                live(process, GenerationFile.read(WarmUpBundle.write(directory), ContextTable::validContext));
            } finally {
                process.close();
            }
        } finally {
            Directories.delete(directory);
        }
    }

    private static void live(WorkerProcess process, GenerationFile generation) throws IOException, BundleException {
        ControlSocket.Pair pair = ControlSocket.pair();
        ControlChannel monitor = process.onLoop(() -> ControlChannel.open(pair.ours(), process.loop(), new Listener()));
        process.connect(pair.childs().adopt());
        Handlers handlers = process.startBundles(generation);
        process.serve(
                HttpLimits.defaults(),
                HandlerOptions.defaults(),
                handlers,
                handlers.failures(),
                handlers::foreignContexts);
        request(process, monitor);
        process.onLoop(() -> {
            monitor.send(Frame.of(FrameType.RETIRE));
            return null;
        });
        process.ended().join();
        process.onLoop(() -> {
            monitor.close();
            return null;
        });
    }

    private static void request(WorkerProcess process, ControlChannel monitor) throws IOException {
        io.netty.channel.unix.Socket server = io.netty.channel.unix.Socket.newSocketStream();
        try (Socket client = new Socket()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.listen(1);
            client.setSoTimeout(MILLIS);
            client.connect(server.localAddress(), MILLIS);
            int accepted = accept(server);
            process.onLoop(() -> monitor.trySend(
                    new HandOff(0, 1, REQUEST.length, false, ByteBuffer.wrap(REQUEST)).frame(), accepted));
            new io.netty.channel.unix.Socket(accepted).close();
            awaitEnd(client.getInputStream());
        } finally {
            server.close();
        }
    }

    /** Accepts the connection just made by a client of this process: the system may be a moment behind. */
    private static int accept(io.netty.channel.unix.Socket server) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
        for (; ; ) {
            int accepted = server.accept(new byte[64]);
            if (accepted >= 0) {
                return accepted;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("A connection was made and did not arrive within " + MILLIS + " ms");
            }
            Thread.onSpinWait();
        }
    }

    /** Reads up to the body's last byte; the connection stays open. */
    private static void awaitEnd(InputStream response) throws IOException {
        int matched = 0;
        while (matched < BODY.length) {
            int next = response.read();
            if (next < 0) {
                throw new IOException("The warm-up's response was cut short");
            }
            matched = next == BODY[matched] ? matched + 1 : next == BODY[0] ? 1 : 0;
        }
    }

    /** Ignores the worker's frames to a monitor. */
    private static final class Listener implements ControlChannel.Listener {

        @Override
        public void frame(Frame frame, int descriptor) {
            // READY and GIVE_BACK: as expected.
        }

        @Override
        public void ended(Throwable cause) {
            // The worker never closes its end first.
        }
    }
}
