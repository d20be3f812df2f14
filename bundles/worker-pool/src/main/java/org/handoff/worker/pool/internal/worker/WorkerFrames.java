package org.handoff.worker.pool.internal.worker;

import java.io.Closeable;
import java.io.IOException;
import java.util.SortedMap;

import io.netty.channel.unix.FileDescriptor;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.SharedFile;
import org.handoff.worker.pool.internal.output.VisibleText;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBack;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Ready;
import org.handoff.worker.protocol.Spill;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the frames of a worker (docs/worker-protocol.md), which may contain anything, and passes frames about a
 * connection to the connection, and frames about the worker to the {@link WorkerHandle}. On the event loop only.
 */
public final class WorkerFrames implements ControlChannel.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerFrames.class);

    private final WorkerHandle worker;
    private final HeldConnections held;
    private final WorkerConnections connections;
    private final WorkerWatch watch;
    private final WorkerInspection inspection;
    private boolean ready;
    /** Whether it has said that it leaves, or may begin nothing more: what it says again is nothing new. */
    private boolean leaving;

    private boolean quotaReached;

    WorkerFrames(WorkerHandle worker, WorkerConnections connections, WorkerWatch watch, WorkerInspection inspection) {
        this.worker = worker;
        this.connections = connections;
        this.held = connections.held();
        this.watch = watch;
        this.inspection = inspection;
    }

    @Override
    public void frame(Frame frame, int descriptor) throws IOException {
        if (frame.type() == FrameType.TAIL) {
            tail(frame, descriptor);
            return;
        }
        if (frame.type() == FrameType.SPILL && descriptor >= 0) {
            overflow(frame, SharedFile.of(descriptor));
            return;
        }
        if (descriptor >= 0) {
            new FileDescriptor(descriptor).close();
            throw new ProtocolException("a worker must not send a descriptor with " + frame);
        }
        switch (frame.type()) {
            case READY -> ready(frame);
            case GIVE_BACK -> givenBack(frame);
            case FREE -> connections.freed();
            case SLOW -> connections.admission().slow();
            case QUICK -> connections.quick();
            case PONG -> watch.answered();
            case DUMPED -> watch.dumped();
            case QUOTA_REACHED -> quotaReached();
            case LEAVING -> leaving();
            case INSPECTED -> inspection.answered(frame);
            default -> throw new ProtocolException("a worker must not send " + frame);
        }
    }

    /** There is no descriptor for the file: its bytes are lost with the worker. */
    @Override
    public void descriptorLost(Frame frame) throws IOException {
        switch (frame.type()) {
            case SPILL -> {
                overflow(frame, null);
                connections.noFile(Spill.of(frame));
            }
            case TAIL -> {
                HeldConnection holds = held.get(frame.connection());
                if (holds != null) {
                    holds.tail(null);
                }
            }
            default -> throw new ProtocolException("a worker must not send a descriptor with " + frame);
        }
    }

    @Override
    public void drained() {
        worker.capacityFreed();
    }

    @Override
    public void ended(Throwable cause) {
        worker.channelEnded(cause);
    }

    private void ready(Frame frame) throws IOException {
        if (ready) {
            throw new ProtocolException("a second " + frame);
        }
        ready = true;
        SortedMap<Integer, String> failures = Ready.of(frame).failures();
        failures.replaceAll((number, reason) -> VisibleText.of(reason));
        worker.ready(failures);
    }

    private void quotaReached() {
        if (!quotaReached) {
            quotaReached = true;
            worker.quotaReached();
        }
    }

    private void leaving() {
        if (!leaving) {
            leaving = true;
            worker.leaving();
        }
    }

    // ---- connections

    /** @param file what came with the frame, or null; closed here */
    private void overflow(Frame frame, SharedFile file) throws IOException {
        HeldConnection holds = holderOf(frame, file);
        if (holds != null) {
            holds.file(file, start(frame, file));
        }
    }

    private static long start(Frame frame, SharedFile file) throws IOException {
        try {
            return Spill.of(frame).start();
        } catch (ProtocolException e) {
            if (file != null) {
                file.close();
            }
            throw e;
        }
    }

    private void tail(Frame frame, int descriptor) throws IOException {
        if (descriptor < 0) {
            throw new ProtocolException("the descriptor is missing with " + frame);
        }
        KeptResponseTail tail = KeptResponseTail.of(frame, descriptor);
        HeldConnection holds = holderOf(frame, tail);
        if (holds != null) {
            holds.tail(tail);
        }
    }

    /**
     * The connection that a frame's file is for.
     *
     * @param file closed here if there is none; may be null
     * @return null as for {@link #holds}
     */
    private HeldConnection holderOf(Frame frame, Closeable file) throws IOException {
        HeldConnection holds = null;
        try {
            holds = holds(frame);
            return holds;
        } finally {
            if (holds == null && file != null) {
                file.close();
            }
        }
    }

    /**
     * The connection that a frame is about.
     *
     * @return null if it is closed already: the client hung up while the frame was under way
     */
    private HeldConnection holds(Frame frame) throws ProtocolException {
        HeldConnection one = held.get(frame.connection());
        if (one == null) {
            LOG.debug("worker {}: {} is about a connection that is closed already", worker.id(), frame);
        } else if (one.slot() != frame.slot()) {
            throw new ProtocolException(frame + ", but the connection is in slot " + one.slot());
        }
        return one;
    }

    private void givenBack(Frame frame) throws ProtocolException {
        GiveBack back = GiveBack.of(frame);
        HeldConnection was = holds(frame);
        if (was == null) {
            return;
        }
        if (back.reason() == GiveBackReason.FAILED) {
            connections.refused().failed(was);
            return;
        }
        connections.forget(was);
        try {
            if (back.reason() == GiveBackReason.NOT_TAKEN) {
                connections.refused().notTaken(was);
            } else if (back.isInFile()) {
                givenBackWithFile(was, back);
            } else {
                takeBack(was, back, null);
            }
        } finally {
            was.close();
        }
        worker.capacityFreed();
    }

    private void givenBackWithFile(HeldConnection was, GiveBack back) {
        SpilledBytes spilled = back.request() < back.first() ? was.spilled(back.request(), back.first()) : null;
        if (spilled == null) {
            LOG.error(
                    "Connection {} is answered 502: the beginning of its request is not in the file that worker {} "
                            + "told of",
                    back.connection(),
                    worker.id());
            was.connection().answer(502);
        } else {
            was.given();
            takeBack(was, back, spilled);
        }
    }

    private static void takeBack(HeldConnection was, GiveBack back, SpilledBytes spilled) {
        UnusedBytes unused = new UnusedBytes(spilled, back.unused(), back.position());
        if (back.reason() == GiveBackReason.FOREIGN) {
            was.connection().reroute(unused);
        } else if (back.reason() == GiveBackReason.REQUESTED && back.position() == 0) {
            // A new connection, in which the worker may have to speak first.
            was.connection().giveBackUnchanged();
        } else {
            was.connection().giveBack(unused);
        }
    }
}
