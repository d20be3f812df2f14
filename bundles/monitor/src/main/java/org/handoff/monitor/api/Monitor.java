package org.handoff.monitor.api;

import io.netty.channel.IoEventLoop;
import org.osgi.annotation.versioning.ProviderType;

/** The monitor, as the targets' implementations use it. */
@ProviderType
public interface Monitor {

    /**
     * The one event loop that does everything with connections. Targets put their own descriptors on it, so that a
     * connection's way needs no lock. Whoever blocks it stops the server.
     */
    IoEventLoop loop();
}
