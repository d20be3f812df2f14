package org.handoff.lrwp.agent.internal;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.http.config.KnownKeys;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.loop.GuardedLoop;
import org.handoff.http.loop.SteadyIo;
import org.handoff.lrwp.agent.api.ClaimedContext;
import org.handoff.lrwp.agent.api.LrwpAgent;
import org.handoff.lrwp.agent.internal.application.Agent;
import org.handoff.lrwp.agent.internal.application.Application;
import org.handoff.lrwp.agent.internal.application.OtherContext;
import org.handoff.lrwp.agent.internal.application.PeerListener;
import org.handoff.lrwp.agent.internal.config.LrwpConfig;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.agent.internal.front.RunningAgent;
import org.handoff.lrwp.agent.internal.peer.Peer;
import org.handoff.lrwp.agent.internal.supervised.SupervisedGroup;
import org.handoff.worker.pool.api.PeerAgent;
import org.handoff.worker.pool.api.PeerGroup;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent as a component: its event loops, its listener, and their configuration. */
@Component(
        service = {AgentComponent.class, RunningAgent.class, LrwpAgent.class, PeerAgent.class},
        configurationPid = LrwpSettings.PID,
        immediate = true)
@Designate(ocd = LrwpConfig.class)
public final class AgentComponent implements RunningAgent, LrwpAgent, PeerAgent {

    private static final KnownKeys KEYS = new KnownKeys(
            LrwpConfig.class,
            Stream.concat(HttpLimits.KEYS.stream(), Stream.of("application.NAME"))
                    .toList());

    private static final Logger LOG = LoggerFactory.getLogger(AgentComponent.class);

    private static final int MOST_CLIENT_LOOPS = 2;

    private final Runnable anew;
    private final GuardedLoop guarded;
    private final IoEventLoop loop;
    /** The loops for clients only; maybe none. */
    private final List<GuardedLoop> forClients;

    private final Agent agent;
    private final PeerListener own;
    private volatile PeerListener listener;
    private volatile boolean broken;
    private boolean replaced;
    /** The fault of a changed configuration, which the agent does not use then; empty for none. */
    private volatile String refused = "";
    /** The unknown keys of the configuration; empty for none. */
    private volatile String unknownKeys = "";

    /** A peer for {@code lrwp:peers}. */
    public record PeerStatus(
            long id,
            String context,
            String host,
            String address,
            String version,
            String state,
            long requests,
            Instant since) {}

    /** A context for {@code lrwp:contexts}. */
    public record ContextStatus(
            String context,
            String host,
            int peers,
            int busy,
            int waiting,
            long requests,
            boolean off,
            String problem) {}

    /**
     * Starts the loop and the listener.
     *
     * @throws IllegalArgumentException if the configuration is not possible
     */
    @Activate
    public AgentComponent(ComponentContext context, LrwpConfig config, Map<String, Object> properties) {
        this(config, properties, clientLoopsFor(Runtime.getRuntime().availableProcessors()), () -> makeAnew(context));
    }

    /**
     * Starts the loops and the listener.
     *
     * @param clientLoops the number of loops for clients only; 0 serves them on the agent's own
     * @param anew stops this component with all its users, and makes another one in its place
     */
    AgentComponent(LrwpConfig config, Map<String, Object> properties, int clientLoops, Runnable anew) {
        this.anew = anew;
        unknownKeys = KEYS.warn(LOG, "The LRWP agent", LrwpSettings.FILE, properties);
        guarded = new GuardedLoop("handoff-lrwp", SteadyIo.newFactory(), this::failed);
        loop = guarded.loop();
        forClients = IntStream.range(0, clientLoops)
                .mapToObj(number -> new GuardedLoop("handoff-lrwp-clients", SteadyIo.newFactory(), this::failed))
                .toList();
        try {
            LrwpSettings settings = LrwpSettings.of(config, properties);
            agent = onLoop(() -> new Agent(loop, settings));
            own = PeerListener.own(loop, agent);
            onLoop(() -> {
                own.open();
                return listen(settings);
            });
        } catch (RuntimeException e) {
            closeLoops();
            throw e;
        }
    }

    /**
     * The number of loops for clients only. The loop of the peers needs a processor, and so do the peers; and that loop
     * has no work for more than two others.
     */
    static int clientLoopsFor(int processors) {
        return Math.max(0, Math.min(MOST_CLIENT_LOOPS, processors - 2));
    }

    private static void makeAnew(ComponentContext context) {
        String name = (String) context.getProperties().get(ComponentConstants.COMPONENT_NAME);
        context.disableComponent(name);
        context.enableComponent(name);
    }

    /**
     * An error has reached a loop, which may have left anything half done. On a thread of its own; not twice, though
     * lack of memory may reach all loops.
     */
    private synchronized void failed(Throwable cause) {
        if (replaced) {
            return;
        }
        broken = true;
        LOG.error(
                "The LRWP agent is started anew, as an error has reached its event loop; the {} connections of peers "
                        + "end",
                onLoop(() -> agent.peers().size()),
                cause);
        anew.run();
        replaced = true;
    }

    @Override
    public boolean isBroken() {
        return broken;
    }

    /** Takes a changed configuration: the peers stay, only the listener is replaced if its address changed. */
    @Modified
    void configure(LrwpConfig config, Map<String, Object> properties) {
        unknownKeys = KEYS.warn(LOG, "The LRWP agent", LrwpSettings.FILE, properties);
        LrwpSettings settings;
        try {
            settings = LrwpSettings.of(config, properties);
            refused = "";
        } catch (IllegalArgumentException e) {
            refused = "as it was before its file changed: " + LrwpSettings.FILE + " has " + e.getMessage();
            LOG.error("Nothing changed; {} has {}", LrwpSettings.FILE, e.getMessage());
            return;
        }
        onLoop(() -> {
            agent.settings(settings);
            return listen(settings);
        });
    }

    private Void listen(LrwpSettings settings) {
        if (isFor(settings)) {
            return null;
        }
        listener = listener == null ? null : listener.lasting();
        if (!isFor(settings)) {
            listener = PeerListener.of(loop, agent, settings, listener);
            listener.open();
        }
        return null;
    }

    private boolean isFor(LrwpSettings settings) {
        return listener != null && listener.isFor(settings);
    }

    /** Ends the listener, the peers and the loop. */
    @Deactivate
    void stop() {
        agent.processes().close();
        onLoop(() -> {
            listener.close();
            own.close();
            agent.close();
            return null;
        });
        closeLoops();
    }

    private void closeLoops() {
        // The loop of the peers first: it may still tell the others the end of responses.
        guarded.close();
        forClients.forEach(GuardedLoop::close);
    }

    // ---- for fronts

    @Override
    public boolean serves(String host, String path) {
        return agent.find(host, path) != null;
    }

    @Override
    public void submit(StreamedRequest request, StreamedResponse response) {
        loop.execute(() -> agent.submit(request, response));
    }

    @Override
    public Executor loop() {
        return loop;
    }

    @Override
    public void claimed(String front, Collection<ClaimedContext> contexts) {
        List<OtherContext> all = contexts.stream()
                .map(one -> new OtherContext(one.context(), "", one.owner()))
                .toList();
        loop.execute(() -> agent.claimed(front, all));
    }

    @Override
    public MemoryBudget memory() {
        return agent.memory();
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public List<EventLoop> clientLoops() {
        return forClients.isEmpty()
                ? List.of(loop)
                : forClients.stream().<EventLoop>map(GuardedLoop::loop).toList();
    }

    @Override
    public Agent agent() {
        return agent;
    }

    // ---- for pools of processes

    @Override
    public boolean isListening() {
        return own.bound() != null;
    }

    @Override
    public PeerGroup group(String pool, String name) {
        return new SupervisedGroup(pool, name, loop, agent, agent.processes(), own::bound);
    }

    // ---- for the shell

    /** The listening address for peers, or the problem. */
    public String listener() {
        return onLoop(() -> listener.toString());
    }

    /** The problem of its configuration; empty for none. */
    public String problem() {
        return Stream.of(refused, unknownKeys).filter(one -> !one.isEmpty()).collect(Collectors.joining("; "));
    }

    /** The part of {@code http.memory} that peers and their clients use, in bytes. */
    long memoryUsed() {
        return onLoop(() -> agent.memory().used());
    }

    /** The port for peers; -1 if it does not listen. */
    public int port() {
        return onLoop(() -> listener.port());
    }

    /** The connections of peers, those without a startup string included. */
    public List<PeerStatus> peers() {
        return onLoop(() -> agent.peers().stream()
                .map(member -> {
                    Application application = member.application();
                    Peer peer = member.peer();
                    return new PeerStatus(
                            peer.id(),
                            application == null ? "" : application.context(),
                            application == null ? "" : application.host(),
                            peer.address().getHostAddress(),
                            peer.startup() == null ? "" : peer.startup().version(),
                            peer.state(),
                            peer.requests(),
                            member.since());
                })
                .toList());
    }

    /** The contexts that peers serve. */
    public List<ContextStatus> contexts() {
        return onLoop(() -> agent.applications().stream()
                .map(one -> new ContextStatus(
                        one.context(),
                        one.host(),
                        one.peers().size(),
                        (int) one.peers().stream()
                                .filter(member -> member.peer().isBusy())
                                .count(),
                        one.waiting(),
                        one.requests(),
                        agent.isOff(one),
                        agent.problem(one)))
                .toList());
    }

    /**
     * Ends a peer's connection at once; the request it serves, if any, is answered 502.
     *
     * @throws IllegalArgumentException if there is no such peer
     */
    public void disconnect(long id) {
        onLoop(() -> {
            agent.peers().stream()
                    .filter(member -> member.peer().id() == id)
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("there is no peer " + id + "; lrwp:peers shows them all"))
                    .close();
            return null;
        });
    }

    /**
     * Takes a context out of service, or puts it back into service. Its peers stay connected, and waiting requests are
     * answered; new requests go to other targets with the path. It stays off while its peers come and go.
     *
     * @param context as {@code lrwp:contexts} shows it
     * @throws IllegalArgumentException if there is no such context
     */
    public void setOff(String context, boolean off) {
        onLoop(() -> {
            if (agent.applications().stream().noneMatch(one -> one.context().equals(context))
                    && !(agent.isOff(context) && !off)) {
                throw new IllegalArgumentException(
                        "no peer serves the context " + context + "; lrwp:contexts shows them all");
            }
            agent.setOff(context, off);
            return null;
        });
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong;
            }
            throw new IllegalStateException("the agent's loop refuses", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the agent's loop", e);
        }
    }
}
