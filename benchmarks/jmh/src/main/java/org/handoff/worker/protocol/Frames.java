package org.handoff.worker.protocol;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A frame of a hand-off, and one of a give-back, as packets: written and read. Here, as packets are nobody else's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Frames {

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
