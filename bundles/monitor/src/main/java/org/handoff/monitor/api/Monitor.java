package org.handoff.monitor.api;

import io.netty.channel.IoEventLoop;
import org.osgi.annotation.versioning.ProviderType;

/** The monitor, for implementations of targets. */
@ProviderType
public interface Monitor {

    /**
     * The one event loop that handles all connections. Targets put their own descriptors on it, so that a connection's
     * way needs no lock. Blocking it stops the server.
     */
    IoEventLoop loop();
}
