package org.handoff.worker.runtime.connection;

import java.io.IOException;
import java.nio.file.Path;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import org.handoff.http.Durability;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.KeptBody;
import org.handoff.http.ResponseTail;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.socket.TcpCounts;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.HandOff;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.protocol.Spill;
import org.handoff.worker.protocol.UnwrittenTail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection while this worker has it: records the engine's events in the scoreboard, in such an order that the
 * monitor knows at any instant what would be lost with this process. On the event loop only, but for {@link #begins}
 * and {@link #responds}.
 */
final class ServedConnection implements HttpConnection.Owner, Durability {

    private static final Logger LOG = LoggerFactory.getLogger(ServedConnection.class);

    private final MonitorLink link;
    private final Scoreboard scoreboard;
    private final int number;
    private final Scoreboard.Slot slot;
    private final long id;
    private final EpollSocketChannel channel;
    private final JournaledInput input;
    private HttpConnection http;
    private HttpConnection.State state = HttpConnection.State.IDLE;
    /**
     * The number of bytes that all processes have written to the connection since it began, or {@link Frame#UNKNOWN}.
     */
    private long written;

    private long ends = Frame.UNKNOWN;

    /**
     * @param received the received bytes of the hand-off, a copy
     * @param folder the folder for the file of a large request
     * @param memory the memory for all clients together
     */
    ServedConnection(
            MonitorLink link,
            Scoreboard scoreboard,
            HandOff handOff,
            ByteBuf received,
            EpollSocketChannel channel,
            Path folder,
            MemoryBudget memory) {
        this.link = link;
        this.scoreboard = scoreboard;
        this.number = handOff.slot();
        this.slot = scoreboard.slot(number);
        this.id = handOff.connection();
        this.channel = channel;
        // What nobody has read from, nobody has written to.
        this.written = handOff.position() == 0 ? 0 : Frame.UNKNOWN;
        this.input = new JournaledInput(
                slot,
                handOff.position(),
                received,
                new SpillFile(folder),
                memory,
                (start, file) -> link.overflow(new Spill(number, id, start), file));
    }

    long id() {
        return id;
    }

    /** @param earlier the first bytes, or null; closed here */
    void serve(HttpEngine engine, HandedOffSpill earlier, ByteBuf received) {
        FileInput file = earlier == null ? null : input.adopt(earlier.file(), earlier.offset(), earlier.position());
        boolean begun = file != null || received.isReadable();
        // With bytes at hand it is not idle: if the worker died now, the monitor would park the connection and lose
        // them.
        if (begun) {
            state = HttpConnection.State.READING;
        }
        slot.state(begun ? SlotState.READING : SlotState.IDLE);
        channel.config().setRecvByteBufAllocator(input.allocator());
        channel.pipeline().addLast(input);
        input.begin();
        // Before the channel is registered, so that the loop watches it for bytes from the first call on.
        channel.unsafe().beginRead();
        http = engine.serve(channel, file, received, this, this);
    }

    /** The monitor could not take the file with bytes of the request. */
    void noFile() {
        input.noFile();
    }

    /** All waiting frames have left this process. */
    void drained() {
        input.told();
    }

    /** Lets the connection go as soon as nothing is lost by that. */
    void release() {
        http.release();
    }

    /** Ends the connection if it has no request; the monitor has gone. */
    void leave() {
        if (state == HttpConnection.State.IDLE) {
            http.release();
        }
    }

    /** Leaves the connection to another worker; a request that is just arriving may be completed here. */
    void giveAway() {
        if (state != HttpConnection.State.READING) {
            http.release();
        }
    }

    @Override
    public void state(HttpConnection.State next) {
        if (state == HttpConnection.State.ANSWERING) {
            scoreboard.answered();
        }
        state = next;
        switch (next) {
            case IDLE -> idle();
            case READING -> slot.state(SlotState.READING);
            case HANDLING -> complete();
            case ANSWERING -> slot.state(SlotState.ANSWERING);
        }
    }

    private void idle() {
        written = ends;
        input.answered();
        slot.state(SlotState.IDLE);
        input.reuse();
        if (link.dispatching().goes() || link.isMonitorGone()) {
            http.release();
        }
    }

    private void complete() {
        input.complete(http.readAhead());
        ends = Frame.UNKNOWN;
        slot.ends(Frame.UNKNOWN, false);
        slot.answer(null, false);
        if (written == Frame.UNKNOWN) {
            written = countWritten();
        }
        slot.begins(written);
        link.dispatching().complete();
    }

    private long countWritten() {
        if (channel.unsafe().outboundBuffer().totalPendingWriteBytes() > 0) {
            // 100 Continue was sent, and is still in the process: the kernel does not count it.
            return Frame.UNKNOWN;
        }
        try {
            return TcpCounts.of((Socket) channel.fd()).written();
        } catch (IOException e) {
            LOG.debug("connection {} has no counts: it has gone", id, e);
            return Frame.UNKNOWN;
        }
    }

    @Override
    public boolean keepsRequests() {
        return true;
    }

    @Override
    public void discards() {
        input.discard();
    }

    @Override
    public boolean isWhole() {
        return input.isWhole();
    }

    @Override
    public KeptBody body(long length) throws IOException {
        return input.body(length, http.readAhead());
    }

    @Override
    public boolean begins() {
        boolean begins = link.handlers().take();
        if (begins) {
            link.handlers().begin(id);
            slot.state(SlotState.HANDLING);
        }
        return begins;
    }

    @Override
    public void runs() {
        link.handlers().begin(id);
    }

    @Override
    public boolean responds(ByteBuf response, boolean keeps) {
        boolean fits = written != Frame.UNKNOWN && response.readableBytes() <= Scoreboard.ANSWER_BYTES;
        if (fits) {
            slot.answer(response.nioBuffer(), keeps);
        }
        return fits;
    }

    @Override
    public void returned() {
        link.handlers().returned();
    }

    @Override
    public boolean keepsTail() {
        return written != Frame.UNKNOWN;
    }

    @Override
    public void tail(ResponseTail tail, Runnable safe) throws IOException {
        if (tail.before().readableBytes() > UnwrittenTail.MAX_BEFORE) {
            throw new IOException("a head of " + tail.before().readableBytes() + " bytes is too long for a frame");
        }
        UnwrittenTail unwritten = new UnwrittenTail(
                number,
                id,
                tail.keeps(),
                tail.start(),
                written + tail.origin(),
                tail.capacity(),
                written + tail.length(),
                tail.before().nioBuffer());
        link.tail(unwritten, tail.file(), safe);
    }

    @Override
    public void continuing() {
        // Counted anew when the response begins.
        written = Frame.UNKNOWN;
    }

    @Override
    public void ending(long bytes, boolean keeps) {
        if (written != Frame.UNKNOWN) {
            ends = written + bytes;
            slot.ends(ends, keeps);
        }
    }

    @Override
    public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
        try {
            // A request of which no byte was used yet may be here though the state is idle.
            boolean begun = state != HttpConnection.State.IDLE || unread.isReadable() || inFile > 0;
            boolean kept = begun && input.isWhole();
            if (link.isMonitorGone() || !kept && (inFile > 0 || unread.readableBytes() > Frame.MAX_PAYLOAD)) {
                end(inFile + unread.readableBytes());
                return;
            }
            // Netty takes the descriptor off its epoll set before it closes it. In the other order, the set would go on
            // watching a socket that the monitor still holds, under a number that another connection gets.
            channel.close();
            GiveBackReason why = switch (reason) {
                case REQUESTED -> link.reason();
                case IDLE -> GiveBackReason.IDLE;
                case FOREIGN -> GiveBackReason.FOREIGN;
            };
            if (kept && input.isInFile()) {
                link.giveBack(new GiveBack(number, id, why, input.position(), input.request(), input.rest()));
            } else {
                link.giveBack(
                        new GiveBack(number, id, why, input.position(), kept ? input.rest() : unread.nioBuffer()));
            }
        } finally {
            unread.release();
            left();
        }
    }

    /** Ends a connection that cannot be given back. */
    private void end(long unread) {
        if (!link.isMonitorGone()) {
            LOG.warn("A connection with {} unread bytes, which were not kept, cannot be given back", unread);
        }
        channel.shutdown();
        channel.close();
    }

    @Override
    public void broken(Error cause) {
        link.broken(cause);
    }

    @Override
    public void failed(boolean begun) {
        if (begun && state == HttpConnection.State.HANDLING) {
            // The handler's thread may be about to set the same state.
            slot.state(SlotState.HANDLING);
        }
        if (!link.isMonitorGone()) {
            link.giveBack(new GiveBack(
                    number, id, GiveBackReason.FAILED, input.position(), Unpooled.EMPTY_BUFFER.nioBuffer()));
        }
        closed();
    }

    @Override
    public void closed() {
        if (state == HttpConnection.State.ANSWERING) {
            scoreboard.answered();
        }
        left();
    }

    private void left() {
        input.close();
        link.left(this);
    }
}
