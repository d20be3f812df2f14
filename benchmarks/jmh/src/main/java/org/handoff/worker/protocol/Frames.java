package org.handoff.worker.protocol;

import java.nio.ByteBuffer;

import org.handoff.benchmarks.jmh.Piece;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A frame of a hand-off, and one of a give-back, as packets: written and read. Here, as packets are nobody else's. */
public class Frames extends Piece {

    /** How many bytes of the client come along. */
    @Param({"0", "500"})
    public int bytes;

    private final ByteBuffer packet = ByteBuffer.allocateDirect(Frame.MAX_PACKET);
    private ByteBuffer received;

    /** Makes the client's bytes. */
    @Setup
    public void prepare() {
        received = ByteBuffer.allocateDirect(bytes);
    }

    /** Hands a connection off. */
    @Benchmark
    public HandOff handOff() throws ProtocolException {
        new HandOff(7, 4711, bytes, false, received).frame().writeTo(packet.clear());
        return HandOff.of(Frame.readFrom(packet.flip()));
    }

    /** Gives a connection back. */
    @Benchmark
    public GiveBack giveBack() throws ProtocolException {
        new GiveBack(7, 4711, GiveBackReason.IDLE, bytes, received).frame().writeTo(packet.clear());
        return GiveBack.of(Frame.readFrom(packet.flip()));
    }
}
