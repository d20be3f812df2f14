package org.handoff.session.store.internal.config;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The keys of {@code etc/org.handoff.sessions.cfg}. */
@ObjectClassDefinition(
        name = "Handoff sessions",
        description = "The memory in Karaf's process for the sessions of pools' workers")
public @interface SessionsConfig {

    @AttributeDefinition(
            description = "Memory for all sessions together, as a share of Karaf's heap like 10% or a size like 64m; "
                    + "when it is full, sessions go that have been idle the longest")
    String memory() default "10%";

    @AttributeDefinition(
            description = "The most memory of a session, as memory is written; a quarter of memory at most")
    String session_memory() default "1m";

    @AttributeDefinition(description = "The most sessions of a pool; beyond, those go that have been idle the longest")
    int pool_sessions() default 100_000;
}
