package org.handoff.http.internal.response;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;

import io.netty.channel.DefaultFileRegion;

/** A part of a file that is the whole body of a response. The file is closed when this is released. */
final class ResponseFile extends DefaultFileRegion {

    private final FileInputStream file;

    /** @param file taken over */
    ResponseFile(FileInputStream file, long offset, long length) {
        super(file.getChannel(), offset, length);
        this.file = file;
    }

    /** The file; open as long as this is retained. */
    FileDescriptor descriptor() throws IOException {
        return file.getFD();
    }
}
