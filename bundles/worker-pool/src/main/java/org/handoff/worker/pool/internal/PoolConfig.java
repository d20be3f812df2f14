package org.handoff.worker.pool.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The keys of {@code etc/org.handoff.pool-<name>.cfg}. The limits of HTTP, whose keys begin with {@code http.}, are
 * passed to the workers as they are; {@code org.handoff.http.HttpLimits} has them.
 */
@ObjectClassDefinition(name = "Handoff worker pool", description = "A group of equal worker processes")
@interface PoolConfig {

    @AttributeDefinition(description = "The number of worker processes")
    int workers() default 2;

    @AttributeDefinition(description = "The home of the workers' Java, 17 or later; empty for the one Karaf runs on")
    String java_home() default "";

    @AttributeDefinition(description = "Further options of the workers' java command, separated by spaces")
    String java_options() default "";

    @AttributeDefinition(description = "The workers' largest heap, as java's -Xmx takes it")
    String heap() default "64m";

    @AttributeDefinition(description = "Seconds that a worker may take from its start to being ready")
    int start_timeout() default 60;

    @AttributeDefinition(description = "Seconds that a retiring worker may take to finish its requests")
    int drain_timeout() default 60;

    @AttributeDefinition(description = "Connections that may wait for a worker; those beyond are answered 503")
    int queue_length() default 1000;

    @AttributeDefinition(description = "Seconds that a connection may wait for a worker before it is answered 503")
    int queue_timeout() default 10;
}
