package org.handoff.worker.runtime.connection;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.socket.SharedFile;

/** A file that is closed when the last of its users has closed it. Any thread. */
final class UsedFile implements Closeable {

    private final SharedFile file;
    private final AtomicInteger users = new AtomicInteger(1);

    /** @param file closed here */
    UsedFile(SharedFile file) {
        this.file = file;
    }

    SharedFile file() {
        return file;
    }

    /** Counts one more user, which calls {@link #close}. */
    UsedFile use() {
        users.incrementAndGet();
        return this;
    }

    /** Whether it has other users beside the caller. */
    boolean isShared() {
        return users.get() > 1;
    }

    @Override
    public void close() throws IOException {
        if (users.decrementAndGet() == 0) {
            file.close();
        }
    }
}
