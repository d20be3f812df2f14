package org.handoff.lrwp.agent.internal.front;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.MemoryBudget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response on its way from the agent's loop, which gives it, to the loop of its client. The steps of one turn cross
 * together: a short response crosses once, with its head, its body and its end.
 *
 * <p>Bytes on their way count in the memory of all clients. If there are too many of them, which is so also if the
 * client has no room, the peer waits; if all clients together use too much memory then, and this client has no room,
 * its response is cut. A failure does not wait for the client: it overtakes the bytes without room, which would have no
 * end anyway.
 */
final class CrossingResponse implements StreamedResponse {

    private static final Logger LOG = LoggerFactory.getLogger(CrossingResponse.class);

    /** The number of bytes on their way with which the peer has to wait. */
    static final int MOST_UNDERWAY = 256 * 1024;

    /** What a piece costs beside its bytes: its objects, and its size in the buffer that it is a part of. */
    static final int PIECE_BYTES = 256;

    /** A call for the response proper. */
    private interface Step {

        /** @return false if no other step may follow before there is room */
        boolean take();

        /** The step is not taken any more. */
        default void drop() {
            // Only a piece has something to release.
        }

        /** Whether it takes memory that no one was asked for. */
        default boolean isCharged() {
            return false;
        }
    }

    private final StreamedResponse response;
    private final Executor clientLoop;
    private final Executor agentLoop;
    private final MemoryBudget memory;
    private final Complaint crowdedOut;

    // On the agent's loop.
    private Listener listener;
    /** The steps of this turn. */
    private List<Step> steps = new ArrayList<>();
    /** The bytes of pieces that the client's loop has not reported as taken. */
    private long underway;

    private boolean full;
    private boolean over;

    // On the client's loop.
    /** The steps without room. */
    private final Queue<Step> waiting = new ArrayDeque<>();

    private boolean blocked;
    private boolean gone;
    /** The bytes of pieces that were taken and not reported. */
    private long taken;
    /** Whether the peer waits for that report. */
    private boolean awaited;

    /**
     * A response without a step. On the client's loop.
     *
     * @param response on the client's loop
     * @param memory counts the bytes on their way
     * @param crowdedOut counts responses that are cut, as there is no memory for them; on the client's loop
     */
    CrossingResponse(
            StreamedResponse response,
            Executor clientLoop,
            Executor agentLoop,
            MemoryBudget memory,
            Complaint crowdedOut) {
        this.response = response;
        this.clientLoop = clientLoop;
        this.agentLoop = agentLoop;
        this.memory = memory;
        this.crowdedOut = crowdedOut;
        response.listener(new Listener() {
            @Override
            public void room() {
                blocked = false;
                report();
                takeAll();
            }

            @Override
            public void gone() {
                leave();
            }

            @Override
            public void inputEnded() {
                tell(() -> {
                    if (!over) {
                        listener.inputEnded();
                    }
                });
            }
        });
    }

    // ---- the agent's loop

    @Override
    public void listener(Listener told) {
        listener = told;
    }

    @Override
    public void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length) {
        add(() -> {
            beginNow(status, reason, fields, length);
            return true;
        });
    }

    @Override
    public boolean write(ByteBuf data) {
        if (over) {
            data.release();
            return true;
        }
        int count = data.readableBytes() + PIECE_BYTES;
        boolean room = !full && underway < MOST_UNDERWAY && memory.take(count);
        if (!room) {
            // Whether that is too much matters only if the client has no room.
            memory.charge(count);
        }
        full |= !room;
        underway += count;
        add(new Piece(data, count, room));
        return !full;
    }

    @Override
    public void end() {
        if (over) {
            return;
        }
        over = true;
        steps.add(() -> {
            response.end();
            return true;
        });
        send();
    }

    @Override
    public void fail(int status) {
        fail(() -> response.fail(status));
    }

    @Override
    public void unavailable(int retrySeconds) {
        fail(() -> response.unavailable(retrySeconds));
    }

    private void add(Step next) {
        if (over) {
            return;
        }
        if (steps.isEmpty()) {
            agentLoop.execute(this::send);
        }
        steps.add(next);
    }

    private void fail(Runnable failure) {
        if (over) {
            return;
        }
        over = true;
        send();
        clientLoop.execute(() -> {
            if (!gone) {
                dropWaiting();
                failure.run();
            }
        });
    }

    private void send() {
        if (!steps.isEmpty()) {
            List<Step> sent = steps;
            steps = new ArrayList<>();
            clientLoop.execute(() -> arrive(sent));
        }
    }

    private void reported(long bytes) {
        underway -= bytes;
        if (full && underway <= MOST_UNDERWAY / 2 && !over) {
            full = false;
            listener.room();
        }
    }

    private void clientHasGone() {
        if (!over) {
            over = true;
            listener.gone();
        }
    }

    // ---- the client's loop

    private void arrive(List<Step> sent) {
        if (gone) {
            sent.forEach(Step::drop);
            return;
        }
        waiting.addAll(sent);
        takeAll();
        if (blocked && memory.isExceeded() && waiting.stream().anyMatch(Step::isCharged)) {
            tellCrowdedOut();
            cut(503);
        }
    }

    private void takeAll() {
        try {
            while (!blocked && !waiting.isEmpty()) {
                blocked = !waiting.remove().take();
            }
        } catch (RuntimeException e) {
            // Nobody else on this loop would answer the client.
            LOG.error("A response of a peer fails on its way to the client, which gets 500", e);
            cut(500);
            return;
        }
        if (!blocked && (awaited || taken >= MOST_UNDERWAY / 2)) {
            report();
        }
    }

    /** Fails, and tells the peer that the rest is of no use. */
    private void cut(int status) {
        leave();
        response.fail(status);
    }

    private void tellCrowdedOut() {
        crowdedOut.happens();
        long times = crowdedOut.take(System.nanoTime());
        if (times > 0) {
            LOG.warn(
                    "{} responses of peers were cut, as all clients and peers together use more than half of http.memory "
                            + "for what can be nowhere else",
                    times);
        }
    }

    private void beginNow(int status, String reason, List<Map.Entry<String, String>> fields, long length) {
        try {
            response.begin(status, reason, fields, length);
        } catch (IllegalArgumentException e) {
            LOG.warn("A response of a peer cannot be sent, and the client gets 502: {}", e.getMessage());
            response.fail(502);
        }
    }

    /** Lets the peer go on, if it waits. Not for each piece: short responses need none of this. */
    private void report() {
        long bytes = taken;
        taken = 0;
        awaited = false;
        tell(() -> reported(bytes));
    }

    private void leave() {
        gone = true;
        dropWaiting();
        tell(this::clientHasGone);
    }

    private void dropWaiting() {
        waiting.forEach(Step::drop);
        waiting.clear();
    }

    private void tell(Runnable event) {
        try {
            agentLoop.execute(event);
        } catch (RejectedExecutionException e) {
            LOG.debug("a client leaves after the agent has ended", e);
        }
    }

    /** A piece of the document. */
    private final class Piece implements Step {

        private final ByteBuf data;
        private final int count;
        private final boolean hadRoom;

        /** @param hadRoom whether the memory was asked for it; else the piece is the last before the peer waits */
        Piece(ByteBuf data, int count, boolean hadRoom) {
            this.data = data;
            this.count = count;
            this.hadRoom = hadRoom;
        }

        @Override
        public boolean take() {
            free();
            taken += count;
            awaited |= !hadRoom;
            return response.write(data);
        }

        @Override
        public void drop() {
            free();
            data.release();
        }

        @Override
        public boolean isCharged() {
            return !hadRoom;
        }

        private void free() {
            if (hadRoom) {
                memory.give(count);
            } else {
                memory.discharge(count);
            }
        }
    }
}
