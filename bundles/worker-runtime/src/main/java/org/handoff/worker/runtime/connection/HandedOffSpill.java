package org.handoff.worker.runtime.connection;

import java.io.IOException;

import org.handoff.socket.SharedFile;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.Spilled;

/**
 * The file of a frame SPILLED: the first bytes of the connection that comes with the next frame.
 *
 * @param connection its id
 * @param position the position of the first of these bytes
 * @param offset the offset of that byte in the file
 * @param file the connection's bytes that other processes have written; closed by the owner of this object
 */
record HandedOffSpill(long connection, long position, long offset, SharedFile file) {

    /** Reads a frame. @param descriptor from here on this object's, even if the frame is refused */
    static HandedOffSpill of(Frame frame, int descriptor) throws IOException {
        SharedFile file = SharedFile.of(descriptor);
        try {
            Spilled earlier = Spilled.of(frame);
            return new HandedOffSpill(earlier.connection(), earlier.request(), earlier.offset(), file);
        } catch (ProtocolException e) {
            file.close();
            throw e;
        }
    }
}
