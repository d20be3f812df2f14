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

/**
 * All peers and what they serve. On the agent's loop only, but for {@link #find}.
 */
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

    /** Looks after the time from now on. */
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

    /** Takes changed settings; they count from the next thing on that happens. */
    public void settings(LrwpSettings next) {
        if (next.http().memory() != settings.http().memory()) {
            memory = new MemoryBudget(next.http().memory());
        }
        settings = next;
        publish();
    }

    /**
     * What peers and clients may fill together; another one after a change, and whoever counts there goes on there. Any
     * thread may call it.
     */
    public MemoryBudget memory() {
        return memory;
    }

    // ---- peers

    /**
     * A peer has connected. It always gets in: see {@link Admission}.
     *
     * @param process the one of our own that it is sure to be of, which needs no permission; null if nobody knows yet
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

    /** A peer begins to serve what it has asked for. */
    Application join(Member peer, Startup asked) {
        return change(asked.name(), asked.host(), application -> application.add(peer));
    }

    /** Keeps a context, for any host, for a pool. Peers that have taken some of it are sent away. */
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

    /** Whether what a peer asks for is a pool's, all or some of it, and nobody has allowed that others take it. */
    boolean isOfPools(Startup startup) {
        return !settings.overrides(startup.name())
                && applications.values().stream()
                        .filter(Application::isOfPools)
                        .anyMatch(application -> application.isTakenBy(startup));
    }

    /** A peer has gone; with its last peer goes the application, unless a pool is going to bring another one. */
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
            // Before its waiting requests are answered: a client that hears of it finds the context gone.
            forget(application);
        }
        application.remove(peer);
    }

    /** The processes that it has started for pools. */
    public SupervisedProcesses processes() {
        return processes;
    }

    /** An application has no peer, and nobody is going to bring one. */
    void forget(Application application) {
        applications.remove(new Key(application.name(), application.host()));
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

    /** Takes a context out of service, for all hosts, or puts it back; its peers stay, and so does what waits. */
    public void setOff(String context, boolean isOff) {
        if (isOff ? off.add(context) : off.remove(context)) {
            publish();
        }
    }

    /** The application of a request, whoever else may have the path; null for none. Any thread may call it. */
    public Application find(String host, String path) {
        return table.find(host, path);
    }

    /** Has a peer answer a request. */
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

    /** Has a front bring requests. */
    public void add(Front front) {
        fronts.add(front);
        publish();
    }

    /** A front brings no more. */
    public void remove(Front front) {
        fronts.remove(front);
    }

    /** The contexts that never come to peers at a front that is no {@link Front}, in place of those before. */
    public void claimed(String front, List<OtherContext> contexts) {
        claimed.put(front, contexts);
    }

    /** Why an application gets no requests, and where it gets none; empty where it does everywhere. */
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

    /** Done when all fronts bring requests for what is served now. */
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
            // Thrown on, it would end all limits of time.
            LOG.error("Looking for what takes too long failed", e);
        }
    }

    /** Ends all peers, and answers what waits for others. */
    public void close() {
        closed = true;
        sweep.cancel(false);
        peers().forEach(Member::close);
        List<Application> held = applications();
        applications.clear();
        publish();
        held.forEach(Application::end);
    }
}
