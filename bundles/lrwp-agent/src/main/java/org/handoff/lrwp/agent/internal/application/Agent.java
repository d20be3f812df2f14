package org.handoff.lrwp.agent.internal.application;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.api.FallingThrough;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.agent.internal.supervised.ContextKeeper;
import org.handoff.lrwp.agent.internal.supervised.SupervisedGroup;
import org.handoff.lrwp.agent.internal.supervised.SupervisedProcess;
import org.handoff.lrwp.agent.internal.supervised.SupervisedProcesses;
import org.handoff.lrwp.protocol.Startup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All peers and their applications. On the agent's loop only, but for {@link #find}. */
public final class Agent implements ContextKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private static final long SWEEP_MILLIS = 250;

    private record Key(String name, String host) {}

    private final EventLoop loop;
    private final Future<?> sweep;
    private final Map<Key, Application> applications = new LinkedHashMap<>();
    private final Set<Member> peers = new LinkedHashSet<>();
    private final Admission admission = new Admission(this);
    private final SupervisedProcesses processes;
    private final Set<String> off = new HashSet<>();
    private final List<Front> fronts = new ArrayList<>();
    /** By the front, for people. */
    private final Map<String, List<OtherContext>> claimed = new LinkedHashMap<>();

    private volatile MemoryBudget memory;
    private volatile LrwpSettings settings;
    private volatile ApplicationTable table = ApplicationTable.of(List.of());
    private CompletableFuture<?> published = CompletableFuture.completedFuture(null);
    private long lastId;
    private long lastTurn;
    private boolean closed;

    /** Begins to watch the time. */
    public Agent(EventLoop loop, LrwpSettings settings) {
        this.loop = loop;
        this.settings = settings;
        this.memory = new MemoryBudget(settings.http().memory());
        this.processes = new SupervisedProcesses(loop);
        this.sweep = loop.scheduleAtFixedRate(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public LrwpSettings settings() {
        return settings;
    }

    /** Takes changed settings, which count for all later events. */
    public void settings(LrwpSettings next) {
        if (next.http().memory() != settings.http().memory()) {
            memory = new MemoryBudget(next.http().memory());
        }
        settings = next;
        publish();
    }

    /**
     * The memory for peers and clients together; changed settings replace it for later counts. Any thread may call it.
     */
    public MemoryBudget memory() {
        return memory;
    }

    // ---- peers

    /**
     * A peer has connected. It always gets in: see {@link Admission}.
     *
     * @param process of ours that the peer certainly belongs to, so that it needs no permission; null if unknown
     */
    Member connected(Channel channel, InetSocketAddress address, SupervisedProcess process) {
        admission.makeRoom(address.getAddress());
        Member member = new Member(this, ++lastId, channel, address.getAddress(), process);
        peers.add(member);
        if (memory.isExceeded()) {
            admission.crowdOutAnother(member);
        }
        return member;
    }

    Admission admission() {
        return admission;
    }

    /** A peer begins to serve the context that it asked for. */
    Application join(Member peer, Startup asked) {
        return change(asked.name(), asked.host(), application -> application.add(peer));
    }

    /** Keeps a context, for any host, for a pool. Other peers that have a part of it are closed. */
    @Override
    public Application keep(String name, SupervisedGroup pool) {
        Application kept = change(name, "", application -> application.keep(pool));
        peers().stream()
                .filter(peer -> peer.application() != null && !peer.isOfAPool())
                .filter(member -> isOfPools(member.peer().startup()))
                .forEach(peer -> {
                    LOG.warn(
                            "Peer {} of {} is closed: the context is kept for a pool",
                            peer,
                            peer.application().context());
                    peer.close();
                });
        return kept;
    }

    private Application change(String name, String host, Consumer<Application> change) {
        Key key = new Key(name, host);
        Application present = applications.get(key);
        Application application = present == null ? new Application(this, name, host) : present;
        change.accept(application);
        if (present == null) {
            applications.put(key, application);
            publish();
        }
        return application;
    }

    /**
     * Whether the context that a peer asks for is kept for a pool, all or a part of it, and no setting allows others to
     * take it.
     */
    boolean isOfPools(Startup startup) {
        return !settings.overrides(startup.name())
                && applications.values().stream()
                        .filter(Application::isOfPools)
                        .anyMatch(application -> application.isTakenBy(startup));
    }

    /** A peer has gone; with its last peer the application goes, unless a pool is going to bring another one. */
    void left(Member peer) {
        peers.remove(peer);
        Application application = peer.application();
        if (application == null) {
            return;
        }
        boolean last = application.peers().size() == 1 && application.peers().contains(peer);
        if (last && peer.isMissed() && !closed) {
            application.hold(
                    System.nanoTime() + settings.queueNanos(), peer.supervised().group());
        } else if (last && !application.isHeld()) {
            // Before its waiting requests are answered: a client that hears of the end finds the context gone.
            forget(application);
        }
        application.remove(peer);
    }

    /** The processes started for pools. */
    public SupervisedProcesses processes() {
        return processes;
    }

    /** Removes an application without peers, for which no pool will bring one. */
    void forget(Application application) {
        applications.remove(new Key(application.name(), application.host()));
        application.forget();
        publish();
    }

    /** A number greater than all before. */
    long nextTurn() {
        return ++lastTurn;
    }

    public List<Member> peers() {
        return List.copyOf(peers);
    }

    // ---- applications

    public List<Application> applications() {
        return List.copyOf(applications.values());
    }

    public boolean isOff(Application application) {
        return isOff(application.context());
    }

    public boolean isOff(String context) {
        return off.contains(context);
    }

    /** Takes a context out of service, for all hosts, or puts it back; its peers and waiting requests stay. */
    public void setOff(String context, boolean isOff) {
        if (isOff ? off.add(context) : off.remove(context)) {
            publish();
        }
    }

    /** The application of a request, without regard to other targets; null for none. Any thread may call it. */
    public Application find(String host, String path) {
        return table.find(host, path);
    }

    /** Lets a peer answer a request. */
    public void submit(StreamedRequest request, StreamedResponse response) {
        Application application = find(request.host(), request.path());
        if (application != null) {
            application.submit(new PeerRequest(request, response, this::find, application));
            return;
        }
        request.close();
        if (response instanceof FallingThrough other) {
            other.fallThrough();
        } else {
            response.fail(503);
        }
    }

    // ---- fronts

    /** Adds a front, which brings requests. */
    public void add(Front front) {
        fronts.add(front);
        publish();
    }

    /** Removes a front. */
    public void remove(Front front) {
        fronts.remove(front);
    }

    /** The contexts that never come to peers at a front that is no {@link Front}, in place of those before. */
    public void claimed(String front, List<OtherContext> contexts) {
        claimed.put(front, contexts);
    }

    /** The reason why an application gets no requests, and the fronts concerned; empty if all fronts bring some. */
    public String problem(Application application) {
        Application.Trouble trouble = application.trouble();
        Stream<String> everywhere = Stream.concat(
                        Stream.of(trouble == null ? "" : trouble.problem()),
                        fronts.stream().map(front -> front.problem(application)))
                .filter(problem -> !problem.isEmpty())
                .limit(1);
        return Stream.concat(everywhere, claimed.keySet().stream().flatMap(front -> claims(front, application)))
                .collect(Collectors.joining("; "));
    }

    private Stream<String> claims(String front, Application application) {
        return claimed.get(front).stream()
                .filter(other -> other.isTakenBy(application.contextOrRoot(), application.host()))
                .map(other -> "in " + front + " " + other.target() + " serves " + other.context())
                .limit(1);
    }

    /** Completed when all fronts bring requests for the applications served now. */
    CompletableFuture<?> published() {
        return published;
    }

    @Override
    public void unavailable() {
        applications().forEach(Application::refuseWaiting);
        publish();
    }

    @Override
    public void available() {
        publish();
    }

    private void publish() {
        List<Application> on =
                applications.values().stream().filter(one -> !isOff(one)).toList();
        table = ApplicationTable.of(on);
        published = CompletableFuture.allOf(
                fronts.stream().map(front -> front.publish(on)).toArray(CompletableFuture[]::new));
    }

    private void sweep() {
        try {
            long now = System.nanoTime();
            peers().forEach(member -> member.peer().sweep(now));
            applications().forEach(application -> application.sweep(now));
            processes.sweep();
            admission.tellUntold(now);
        } catch (RuntimeException e) {
            // Thrown on, it would stop all limits of time.
            LOG.error("Cannot check the time limits of peers; trying again in a second", e);
        }
    }

    /** Ends all peers, and answers waiting requests. */
    public void close() {
        closed = true;
        sweep.cancel(false);
        peers().forEach(Member::close);
        List<Application> held = applications();
        applications.clear();
        held.forEach(Application::forget);
        publish();
        held.forEach(Application::end);
    }
}
