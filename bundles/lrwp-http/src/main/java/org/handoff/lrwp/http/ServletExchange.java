package org.handoff.lrwp.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import javax.servlet.http.HttpServletResponse;

import io.netty.buffer.ByteBuf;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.api.FallingThrough;

/**
 * A response on its way from the agent's loop to the container's thread, which waits for it. A slow client makes the
 * agent wait, and with it the peer; if all clients together use too much memory, this response is cut.
 */
final class ServletExchange implements StreamedResponse, FallingThrough {

    /** The largest number of bytes between the two threads, if there is memory for them. */
    private static final long MOST_QUEUED = 256 * 1024;

    private static final int PIECE = 16 * 1024;
    /** The default time that clients are told to wait. */
    private static final int RETRY_AFTER_SECONDS = 1;

    /** Without a reason phrase, which servlets cannot set. */
    private record Head(int status, List<Map.Entry<String, String>> fields, long length) {}

    private record Failure(int status, int retrySeconds) {}

    /**
     * A part of the document.
     *
     * @param taken its memory, if it was allowed to wait here rather than in the peer's socket
     * @param charged its memory, if it was here already
     */
    private record Part(ByteBuf data, int taken, int charged) {}

    private enum End {
        COMPLETE,
        NOBODYS
    }

    private final Executor loop;
    private final MemoryBudget memory;
    private final Runnable crowdedOut;
    private final boolean headOnly;
    private final boolean mayFallThrough;
    // Guarded by this.
    private final Queue<Object> events = new ArrayDeque<>();
    private Listener listener;
    private long queued;
    private boolean full;
    private boolean gone;

    /**
     * @param memory counts the bytes between the two threads
     * @param crowdedOut called on the agent's loop when there is no room
     * @param mayFallThrough whether another servlet would find the request unchanged
     */
    ServletExchange(Executor loop, MemoryBudget memory, Runnable crowdedOut, boolean headOnly, boolean mayFallThrough) {
        this.loop = loop;
        this.memory = memory;
        this.crowdedOut = crowdedOut;
        this.headOnly = headOnly;
        this.mayFallThrough = mayFallThrough;
    }

    // ---- the agent's loop

    @Override
    public synchronized void listener(Listener told) {
        listener = told;
    }

    @Override
    public void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length) {
        add(new Head(status, fields, length));
    }

    @Override
    public synchronized boolean write(ByteBuf data) {
        if (gone) {
            data.release();
            return true;
        }
        int count = data.readableBytes();
        queued += count;
        boolean room = queued <= MOST_QUEUED && memory.take(count);
        full |= !room;
        Part part = new Part(data, room ? count : 0, room ? 0 : count);
        if (!room && !memory.charge(count)) {
            free(part);
            fail(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            gone = true;
            crowdedOut.run();
            loop.execute(listener::gone);
            return true;
        }
        add(part);
        return !full;
    }

    private void free(Part part) {
        part.data().release();
        memory.give(part.taken());
        memory.discharge(part.charged());
    }

    @Override
    public void end() {
        add(End.COMPLETE);
    }

    @Override
    public void fail(int status) {
        add(new Failure(status, RETRY_AFTER_SECONDS));
    }

    @Override
    public void unavailable(int retrySeconds) {
        add(new Failure(HttpServletResponse.SC_SERVICE_UNAVAILABLE, retrySeconds));
    }

    @Override
    public void fallThrough() {
        add(
                mayFallThrough
                        ? End.NOBODYS
                        : new Failure(HttpServletResponse.SC_SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS));
    }

    private synchronized void add(Object event) {
        events.add(event);
        notifyAll();
    }

    // ---- the container's thread

    /**
     * Passes the agent's events to the container, until the end.
     *
     * @return false if no peer answers: the request is for another servlet
     * @throws IOException if the client has gone, or the response breaks off
     */
    boolean answer(HttpServletResponse response) throws IOException {
        boolean bodiless = headOnly;
        byte[] piece = new byte[PIECE];
        boolean over = false;
        try {
            for (boolean begun = false; ; ) {
                Object event = take();
                if (event instanceof Head head) {
                    begun = true;
                    bodiless |= begin(response, head);
                } else if (event instanceof Part part) {
                    write(bodiless ? OutputStream.nullOutputStream() : response.getOutputStream(), part, piece);
                } else {
                    over = true;
                    if (event instanceof Failure failure) {
                        fail(response, failure, begun);
                    }
                    return event != End.NOBODYS;
                }
            }
        } finally {
            if (!over) {
                leave();
            }
        }
    }

    private synchronized Object take() throws IOException {
        try {
            while (events.isEmpty()) {
                wait();
            }
            return events.remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The container stops", e);
        }
    }

    /** @return whether a response with this status has no body */
    private static boolean begin(HttpServletResponse response, Head head) {
        response.setStatus(head.status());
        head.fields().forEach(field -> response.addHeader(field.getKey(), field.getValue()));
        boolean bodiless = head.status() == 204 || head.status() == 205 || head.status() == 304;
        if (!bodiless && head.length() >= 0) {
            response.setContentLengthLong(head.length());
        }
        return bodiless;
    }

    private void write(OutputStream out, Part part, byte[] piece) throws IOException {
        ByteBuf data = part.data();
        int count = data.readableBytes();
        try {
            while (data.isReadable()) {
                int some = Math.min(data.readableBytes(), piece.length);
                data.readBytes(piece, 0, some);
                out.write(piece, 0, some);
            }
        } finally {
            free(part);
        }
        synchronized (this) {
            queued -= count;
            if (full && queued <= MOST_QUEUED / 2) {
                full = false;
                loop.execute(listener::room);
            }
        }
    }

    private static void fail(HttpServletResponse response, Failure failure, boolean begun) throws IOException {
        if (begun) {
            // Shorter than announced: the container ends the connection.
            throw new IOException("the peer's response broke off");
        }
        if (failure.status() == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
            response.setHeader("Retry-After", Integer.toString(failure.retrySeconds()));
        }
        response.sendError(failure.status());
    }

    /** Drops the rest of the response. */
    private synchronized void leave() {
        for (Object event : events) {
            if (event instanceof Part part) {
                free(part);
            }
        }
        events.clear();
        if (listener != null && !gone) {
            loop.execute(listener::gone);
        }
        gone = true;
    }
}
