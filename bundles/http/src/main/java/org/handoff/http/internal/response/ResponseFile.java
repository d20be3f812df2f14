package org.handoff.http.internal.response;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;

import io.netty.channel.DefaultFileRegion;

/** A file that is the whole body of a response. Closed when it is released. */
final class ResponseFile extends DefaultFileRegion {

    private final FileInputStream file;

    /** @param file taken over */
    ResponseFile(FileInputStream file, long length) {
        super(file.getChannel(), 0, length);
        this.file = file;
    }

    /** The file; open as long as this is retained. */
    FileDescriptor descriptor() throws IOException {
        return file.getFD();
    }
}
