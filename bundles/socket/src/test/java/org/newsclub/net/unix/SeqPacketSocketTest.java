package org.newsclub.net.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer that sends what {@link SeqPacketSocket} itself never sends. */
@Timeout(300)
class SeqPacketSocketTest {

    /** The most that the system sends with one packet. */
    private static final int MANY = 253;

    @Test
    void asManyDescriptorsAsCanBeSentAtOnceArriveAndNoneIsLost(@TempDir Path folder) throws Exception {
        Path passed = Files.createFile(folder.resolve("passed")).toRealPath();
        FileDescriptor[] ends = SeqPacketSocket.pair();
        ByteBuffer in = ByteBuffer.allocateDirect(100);
        try (FileInputStream file = new FileInputStream(passed.toFile());
                SeqPacketSocket ours = new SeqPacketSocket(ends[0]);
                SeqPacketSocket peer = new SeqPacketSocket(ends[1])) {
            for (int i = 0; i < 3; i++) {
                sendMany(ends[1], NativeUnixSocket.getFD(file.getFD()));
                assertEquals(16, ours.receive(in.clear()));
                int[] descriptors = ours.takeDescriptors();
                assertEquals(MANY, descriptors.length);
                for (int number : descriptors) {
                    new FileOutputStream(FileDescriptorCast.unsafeUsing(number).getFileDescriptor()).close();
                }
            }
            assertEquals(1, OpenDescriptors.count(passed.toString()), "the one that was sent");
            peer.send(ByteBuffer.allocateDirect(4), -1);
            assertEquals(4, ours.receive(in.clear()));
        }
    }

    private static void sendMany(FileDescriptor socket, int passed) throws Exception {
        AncillaryDataSupport ancillary = new AncillaryDataSupport();
        int[] many = new int[MANY];
        Arrays.fill(many, passed);
        ancillary.setOutboundFileDescriptors(many);
        assertEquals(
                16,
                NativeUnixSocket.send(
                        socket,
                        ByteBuffer.allocateDirect(16),
                        0,
                        16,
                        null,
                        0,
                        NativeUnixSocket.OPT_NON_BLOCKING,
                        ancillary));
    }
}
