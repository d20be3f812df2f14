package org.handoff.worker.pool.internal.config;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/**
 * The keys of {@code etc/org.handoff.pool-<name>.cfg}. Three families of keys have no fixed names, and so no place here:
 * {@code http.*}, the limits of HTTP, which are passed to the workers as they are ({@code org.handoff.http.limits.HttpLimits}
 * has them); {@code environment.NAME}, the environment variable NAME of the workers; and {@code property.NAME}, their
 * system property NAME.
 */
@ObjectClassDefinition(
        name = "Handoff worker pool",
        description = "A group of equal worker processes. Further keys: "
                + "http.* for the limits of HTTP, environment.NAME for an environment variable of the workers, "
                + "property.NAME for a system property of Java workers")
public @interface PoolConfig {

    @AttributeDefinition(
            description = "What the workers are: java for those that serve handler bundles, native "
                    + "for programs that speak the worker protocol, lrwp for programs that are LRWP peers, cgi for those "
                    + "that run CGI programs",
            options = {@Option("java"), @Option("native"), @Option("lrwp"), @Option("cgi")})
    String kind() default "java";

    @AttributeDefinition(
            description = "The program that a pool of native workers or LRWP peers starts, and its arguments, "
                    + "separated by spaces; quotes hold a word together")
    String command() default "";

    @AttributeDefinition(
            description = "The working directory of native workers and LRWP peers, empty for Karaf's own; the "
                    + "directory of the CGI programs")
    String directory() default "";

    @AttributeDefinition(
            description = "The contexts of native workers or files, like /app or example.org/app, separated by "
                    + "spaces; the context that LRWP peers are told to register, and that of the CGI programs; empty for the "
                    + "pool's name")
    String context() default "";

    @AttributeDefinition(
            description = "What the clients of native workers speak: http, on the monitor's port, or tcp for any "
                    + "protocol, on a port of the pool's own (listen)",
            options = {@Option("http"), @Option("tcp")})
    String protocol() default "http";

    @AttributeDefinition(
            description = "With protocol = tcp: the address and the port whose connections the workers get, like "
                    + "0.0.0.0:7000")
    String listen() default "";

    @AttributeDefinition(
            description =
                    "The folder whose files a pool of the kind java serves, by itself, on the contexts of the key "
                            + "context; empty for none")
    String files() default "";

    @AttributeDefinition(description = "How many CGI programs a worker runs at the same time")
    int connections() default 8;

    @AttributeDefinition(
            description =
                    "The user that the workers run as, by name or number; empty for Karaf's own. "
                            + "Karaf has to run as root. Such workers have no supplementary groups and no capabilities, and gain none")
    String user() default "";

    @AttributeDefinition(
            description = "The group that the workers run as, by name or number; empty for the primary one "
                    + "of user, or for Karaf's own")
    String group() default "";

    @AttributeDefinition(description = "The workers' umask, octal like 027; empty for Karaf's own")
    String umask() default "";

    @AttributeDefinition(description = "The most files and sockets that a worker has open; empty for Karaf's own limit")
    String limit_nofile() default "";

    @AttributeDefinition(
            description =
                    "The largest core file of a worker, like 64m, 0 or unlimited; empty for Karaf's " + "own limit")
    String limit_core() default "";

    @AttributeDefinition(
            description = "The workers' scheduling priority, from -20 (first) to 19 (last); empty for " + "Karaf's own")
    String nice() default "";

    @AttributeDefinition(description = "The processors that the workers run on, like 0,2-3; empty for Karaf's own")
    String cpus() default "";

    @AttributeDefinition(
            description = "Memory of all workers together in a control group of their own, like 1g; empty "
                    + "for no limit. Karaf's control group has to be delegated to it")
    String cgroup_memory() default "";

    @AttributeDefinition(
            description = "Processors' time of all workers together in a control group of their own, as a "
                    + "number of processors like 1.5; empty for no limit")
    String cgroup_cpu() default "";

    @AttributeDefinition(description = "The number of worker processes")
    int workers() default 2;

    @AttributeDefinition(description = "The fewest workers that an idle pool shrinks to; -1 for as many as workers")
    int min_workers() default -1;

    @AttributeDefinition(description = "The most workers that a busy pool grows to; -1 for as many as workers")
    int max_workers() default -1;

    @AttributeDefinition(description = "Seconds without a request after which a worker goes, down to min.workers")
    int idle_timeout() default 300;

    @AttributeDefinition(description = "The home of the workers' Java, 17 or later; empty for the one Karaf runs on")
    String java_home() default "";

    @AttributeDefinition(description = "Further options of the workers' java command, separated by spaces")
    String java_options() default "";

    @AttributeDefinition(
            description =
                    "Names of Karaf's features, separated by spaces, whose bundles the workers have in addition to "
                            + "what their handlers need")
    String features() default "";

    @AttributeDefinition(
            description = "Symbolic names of bundles, separated by spaces, that the workers have in addition to what "
                    + "their handlers need")
    String bundles() default "";

    @AttributeDefinition(
            description = "A filter for configurations that the workers have in addition to those that their bundles "
                    + "use, like (service.pid=org.example.*)")
    String configurations() default "";

    @AttributeDefinition(
            description = "A filter for the services of the OSGi HTTP Whiteboard whose bundles the workers serve, like "
                    + "(osgi.http.whiteboard.context.name=shop) or (bundle=org.example.shop); empty for none")
    String servlets() default "";

    @AttributeDefinition(description = "The only host of these servlets, like shop.example.org; empty for any host")
    String servlets_host() default "";

    @AttributeDefinition(
            description =
                    "Where the sessions of servlets are: memory for Karaf's memory, or the filter of a DataSource "
                            + "like jdbc:(dataSourceName=sessions)")
    String sessions() default "memory";

    @AttributeDefinition(
            description =
                    "Attributes of the cookie of sessions, like SameSite=Lax; Secure, besides its path and HttpOnly")
    String sessions_cookie() default "";

    @AttributeDefinition(description = "The workers' largest heap, as java's -Xmx takes it")
    String heap() default "64m";

    @AttributeDefinition(
            description = "Paths, separated by spaces, that the pool requests of a new worker before it serves clients")
    String warmup() default "";

    @AttributeDefinition(description = "Seconds that a worker may take from its start to being ready")
    int start_timeout() default 60;

    @AttributeDefinition(description = "Seconds that a retiring worker may take to finish its requests")
    int drain_timeout() default 60;

    @AttributeDefinition(
            description = "How requests reach the workers. connection: a worker keeps the connections it "
                    + "has. request: a worker has one request at a time, and the others wait in one queue. adaptive: as "
                    + "connection while handlers take less than about a millisecond, else as request",
            options = {@Option("connection"), @Option("request"), @Option("adaptive")})
    String dispatch() default "adaptive";

    @AttributeDefinition(description = "Connections that may wait for a worker; those beyond are answered 503")
    int queue_length() default 1000;

    @AttributeDefinition(description = "Seconds that a connection may wait for a worker before it is answered 503")
    int queue_timeout() default 10;

    @AttributeDefinition(description = "Requests after which a worker is replaced; 0 for no limit")
    int max_requests() default 0;

    @AttributeDefinition(description = "By how many percent max.requests is less, at random for each worker: 0 to 100")
    int max_requests_jitter() default 20;

    @AttributeDefinition(description = "Seconds after which a worker is replaced; 0 for no limit")
    int max_age() default 0;

    @AttributeDefinition(description = "By how many percent max.age is less, at random for each worker: 0 to 100")
    int max_age_jitter() default 20;

    @AttributeDefinition(description = "Resident memory above which a worker is replaced, like 256m; 0 for no limit")
    String max_memory() default "0";

    @AttributeDefinition(
            description = "Resident memory of all workers together above which the biggest one is "
                    + "replaced, like 2g; 0 for no limit")
    String max_memory_pool() default "0";

    @AttributeDefinition(
            description = "Seconds that a handler may take for a request; then its worker writes a thread "
                    + "dump and is killed, and the client is answered 504. 0 for no limit")
    int request_timeout() default 300;

    @AttributeDefinition(
            description = "The program that dumps a native worker, and its arguments, split as command is, "
                    + "with {pid} for the worker's process, like gdb -p {pid} -batch -ex bt; it runs as Karaf's user. Empty "
                    + "to have the worker print its dump itself")
    String dump_command() default "";

    @AttributeDefinition(
            description = "Seconds within which a worker answers that it is alive, or is killed; 0 to " + "never ask")
    int heartbeat() default 10;

    @AttributeDefinition(
            description = "Deaths in seconds, like 5/60, from which on dead workers are not replaced at "
                    + "once any more but one at a time, with growing pauses")
    String crash_limit() default "5/60";

    @AttributeDefinition(
            description = "Seconds that a context is still served, by the former code, when its bundle "
                    + "has gone: another bundle may come for it")
    int settle_time() default 5;
}
