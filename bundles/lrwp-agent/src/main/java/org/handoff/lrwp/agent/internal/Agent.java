package org.handoff.lrwp.agent.internal;

import java.net.InetAddress;
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
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.api.FallingThrough;
import org.handoff.lrwp.agent.protocol.Refusal;
import org.handoff.lrwp.agent.protocol.RefusedException;
import org.handoff.lrwp.agent.protocol.Startup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All peers and what they serve. On the agent's loop only, but for {@link #find}.
 */
final class Agent {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private static final long SWEEP_MILLIS = 250;
    /** How many refused peers are named in the log each minute, and how many that lost their place. */
    private static final int REFUSALS_TOLD = 60;

    private static final int CROWDED_OUT_TOLD = 1;

    /** Says which application a request belongs to. */
    interface Finder {

        /** @return null if it is none of them */
        Application find(String host, String path);
    }

    /** Who brings requests, and has to know what is served. */
    interface Front {

        /**
         * The applications in service have changed. Called on the agent's loop; must not block.
         *
         * @return done when requests for them come
         */
        CompletableFuture<?> publish(List<Application> applications);

        /** Why it brings no requests for an application; empty where it does. Any thread may call it. */
        String problem(Application application);
    }

    private record Key(String name, String host) {}

    private final EventLoop loop;
    private final Future<?> sweep;
    private final Map<Key, Application> applications = new LinkedHashMap<>();
    private final Set<Peer> peers = new LinkedHashSet<>();
    private final SupervisedProcesses processes;
    private final Set<String> off = new HashSet<>();
    private final Repeated refusals = new Repeated(REFUSALS_TOLD);
    private final Repeated crowdedOut = new Repeated(CROWDED_OUT_TOLD);
    private final List<Front> fronts = new ArrayList<>();
    /** By the front, for people. */
    private final Map<String, List<OtherContext>> claimed = new LinkedHashMap<>();
    /** Responses that were given up, as there was no room for their unfinished headers. */
    private final Complaint unfinishedHeaders = new Complaint();

    private volatile MemoryBudget memory;
    private volatile LrwpSettings settings;
    private volatile ApplicationTable table = ApplicationTable.of(List.of());
    private CompletableFuture<?> published = CompletableFuture.completedFuture(null);
    private long lastId;
    private long lastTurn;
    private boolean closed;

    Agent(EventLoop loop, LrwpSettings settings) {
        this.loop = loop;
        this.settings = settings;
        this.memory = new MemoryBudget(settings.http().memory());
        this.processes = new SupervisedProcesses(loop);
        this.sweep = loop.scheduleAtFixedRate(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    LrwpSettings settings() {
        return settings;
    }

    /** Takes changed settings; they count from the next thing on that happens. */
    void settings(LrwpSettings next) {
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
    MemoryBudget memory() {
        return memory;
    }

    // ---- peers

    /**
     * A peer has connected. It always gets in: where as many connections as there may be peers have not said what they
     * serve, in all or from its address, the oldest of them loses its place, one that has said nothing before all.
     *
     * @param process the one of our own that it is sure to be of, which needs no permission; null if nobody knows yet
     */
    Peer connected(Channel channel, InetSocketAddress address, SupervisedProcess process) {
        makeRoom(address.getAddress());
        Peer peer = new Peer(this, ++lastId, channel, address.getAddress(), process);
        peers.add(peer);
        if (memory.isExceeded()) {
            crowdOutAnother(peer);
        }
        return peer;
    }

    private void crowdOutAnother(Peer peer) {
        List<Peer> others = peers.stream()
                .filter(Peer::isStarting)
                .filter(other -> other != peer)
                .toList();
        if (!others.isEmpty()) {
            crowdOut(others);
        }
    }

    private void makeRoom(InetAddress address) {
        List<Peer> starting = peers.stream().filter(Peer::isStarting).toList();
        List<Peer> same =
                starting.stream().filter(peer -> peer.address().equals(address)).toList();
        if (same.size() >= settings.peersPerAddress()) {
            crowdOut(same);
        } else if (starting.size() >= settings.peers()) {
            crowdOut(starting);
        }
    }

    private void crowdOut(List<Peer> starting) {
        Peer oldest = starting.stream().filter(Peer::isSilent).findFirst().orElse(starting.get(0));
        if (crowdedOut.happens(System.nanoTime())) {
            LOG.warn(
                    "The connection {} is closed, as it has not said what it serves and others come: {} such "
                            + "connections are there (peers = {}, peers.per.address = {}, http.memory = {} bytes in "
                            + "etc/{}.cfg)",
                    oldest,
                    starting.size(),
                    settings.peers(),
                    settings.peersPerAddress(),
                    settings.http().memory(),
                    AgentComponent.PID);
        }
        oldest.close();
    }

    /** A peer is refused; says so in the log, unless too many are. */
    void refused(Peer peer, String why) {
        if (refusals.happens(System.nanoTime())) {
            LOG.warn("Peer {} is refused: {}", peer, why);
        }
    }

    private void tellUntold(long now) {
        long refused = refusals.takeUntold(now);
        long closed = crowdedOut.takeUntold(now);
        long unfinished = unfinishedHeaders.take(now);
        if (unfinished > 0) {
            LOG.warn(
                    "{} requests were answered 503 and their peers closed, whose headers were not complete: all peers "
                            + "and clients together may take half of http.memory = {} bytes; set it in etc/{}.cfg",
                    unfinished,
                    settings.http().memory(),
                    AgentComponent.PID);
        }
        if (refused + closed > 0) {
            LOG.warn(
                    "{} more peers were refused, and {} more connections closed that had not said what they serve",
                    refused,
                    closed);
        }
    }

    /** There is no room for the unfinished header of a peer's response. */
    void countUnfinishedHeader() {
        unfinishedHeaders.happens();
    }

    /** Why a peer is not welcome, whatever it asks for; null if it is. */
    Refusal welcome(Peer peer) {
        if (peer.known() == null && !settings.allowed().contains(peer.address())) {
            return Refusal.UNAUTHORIZED;
        }
        int all = 0;
        int sameAddress = 0;
        InetAddress address = peer.address();
        for (Peer other : peers) {
            if (other != peer && other.startup() != null && !other.isRefused()) {
                all++;
                sameAddress += other.address().equals(address) ? 1 : 0;
            }
        }
        return all >= settings.peers() || sameAddress >= settings.peersPerAddress() ? Refusal.OUT_OF_RESOURCES : null;
    }

    /**
     * The password that a peer needs for what it asks for; empty for none.
     *
     * @throws RefusedException if it may not have it
     */
    String password(Peer peer) throws RefusedException {
        if (peer.known() != null) {
            return "";
        }
        Startup startup = peer.startup();
        String password = settings.password(startup.name());
        if (password == null) {
            throw new RefusedException(Refusal.NOT_PERMITTED);
        }
        if (!password.isEmpty() && !startup.lrwp2()) {
            throw new RefusedException(Refusal.NEEDS_LRWP2);
        }
        return password;
    }

    /** A peer begins to serve what it has asked for. */
    Application join(Peer peer) {
        return change(peer.startup().name(), peer.startup().host(), application -> application.add(peer));
    }

    /** Keeps a context, for any host, for a pool. Peers that have taken some of it are sent away. */
    Application keep(String name, SupervisedGroup pool) {
        Application kept = change(name, "", application -> application.keep(pool));
        peers().stream()
                .filter(peer -> peer.application() != null && !peer.isOfAPool())
                .filter(peer -> isOfPools(peer.startup()))
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
    void left(Peer peer) {
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
    SupervisedProcesses processes() {
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

    List<Peer> peers() {
        return List.copyOf(peers);
    }

    // ---- applications

    List<Application> applications() {
        return List.copyOf(applications.values());
    }

    boolean isOff(Application application) {
        return isOff(application.context());
    }

    boolean isOff(String context) {
        return off.contains(context);
    }

    /** Takes a context out of service, for all hosts, or puts it back; its peers stay, and so does what waits. */
    void setOff(String context, boolean isOff) {
        if (isOff ? off.add(context) : off.remove(context)) {
            publish();
        }
    }

    /** The application of a request, whoever else may have the path; null for none. Any thread may call it. */
    Application find(String host, String path) {
        return table.find(host, path);
    }

    /** Has a peer answer a request. */
    void submit(StreamedRequest request, StreamedResponse response) {
        Application application = find(request.host(), request.path());
        if (application != null) {
            application.submit(new Job(request, response, this::find, application));
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

    void add(Front front) {
        fronts.add(front);
        publish();
    }

    void remove(Front front) {
        fronts.remove(front);
    }

    /** The contexts that never come to peers at a front that is no {@link Front}, in place of those before. */
    void claimed(String front, List<OtherContext> contexts) {
        claimed.put(front, contexts);
    }

    /** Why an application gets no requests, and where it gets none; empty where it does everywhere. */
    String problem(Application application) {
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

    /** Something that fronts show of applications has changed. */
    void changed() {
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
            peers().forEach(peer -> peer.sweep(now));
            applications().forEach(application -> application.sweep(now));
            processes.sweep();
            tellUntold(now);
        } catch (RuntimeException e) {
            // Thrown on, it would end all limits of time.
            LOG.error("Looking for what takes too long failed", e);
        }
    }

    /** Ends all peers, and answers what waits for others. */
    void close() {
        closed = true;
        sweep.cancel(false);
        peers().forEach(Peer::close);
        List<Application> held = applications();
        applications.clear();
        publish();
        held.forEach(Application::end);
    }
}
