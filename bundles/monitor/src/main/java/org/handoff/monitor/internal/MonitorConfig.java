package org.handoff.monitor.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code etc/org.handoff.monitor.cfg}. */
@ObjectClassDefinition(
        name = "Handoff monitor",
        description = "The listener and the limits of connections that no worker has")
@interface MonitorConfig {

    @AttributeDefinition(description = "The address to listen on: 0.0.0.0 or :: for all, 127.0.0.1 for this machine")
    String address() default "0.0.0.0";

    @AttributeDefinition(description = "The TCP port; 0 for any free one, which monitor:status tells")
    int port() default 8080;

    @AttributeDefinition(description = "Seconds from a connection's or a request's first moment to the end of its head")
    int head_timeout() default 20;

    @AttributeDefinition(description = "Seconds that an idle keep-alive connection is kept")
    int idle_timeout() default 75;

    @AttributeDefinition(
            description = "What all connections together may take of the memory of Karaf's process, apart "
                    + "from what their targets take: a share of the largest heap like 25%, or a size in bytes like 64m")
    String memory() default "25%";
}
