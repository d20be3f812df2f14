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
 * @param offset where in the file that is
 * @param file what others have written of the connection before; whoever has this object closes it
 */
record HandedOffSpill(long connection, long position, long offset, SharedFile file) {

    /**
     * What a frame says.
     *
     * @param descriptor from here on this object's, also where the frame is refused
     */
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
