package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.api.PeerAgent;
import org.handoff.worker.pool.internal.config.PoolConfig;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.peer.PeerHandle;
import org.handoff.worker.pool.internal.peer.PeerPool;
import org.handoff.worker.pool.internal.supervision.WorkerReport;

/** The real pool of peers. In its package, which is not open to others: only the framework makes pools. */
public final class LrwpTestPool implements AutoCloseable {

    /** The CGI wrapper's jar, as the pool's bundle carries it. */
    private static final Path WRAPPER = wrapper();

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final MonitorLoop loop;
    private final PeerPool pool;

    private static Path wrapper() {
        try (Stream<Path> jars = Files.list(Path.of("..", "lrwp-cgi", "target"))) {
            return jars.filter(jar -> jar.getFileName().toString().matches("lrwp-cgi-.*\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A worker, as commands see it. */
    public record Seen(String id, long pid, String state, long requests, int connections) {}

    /** @param configuration keys and values in turn */
    public LrwpTestPool(IoEventLoop eventLoop, PeerAgent agent, String... configuration) {
        loop = new MonitorLoop("test", eventLoop);
        PoolSettings settings = settings(configuration);
        pool = loop.call(() -> new PeerPool(settings, eventLoop, executor, WRAPPER));
        agent(agent);
    }

    /** The agent has come, or has gone. */
    public void agent(PeerAgent agent) {
        loop.call(() -> {
            pool.agent(agent);
            return null;
        });
    }

    /** Changes the configuration. */
    public void configure(String... configuration) {
        PoolSettings settings = settings(configuration);
        loop.call(() -> {
            pool.configure(settings.policy());
            pool.configure(settings.peers());
            return null;
        });
    }

    /** The configuration as the component runtime makes it. */
    private static PoolSettings settings(String... configuration) {
        Map<String, Object> properties = new HashMap<>(Map.of("kind", "lrwp"));
        for (int i = 0; i < configuration.length; i += 2) {
            properties.put(configuration[i], configuration[i + 1]);
        }
        PoolConfig config = (PoolConfig) Proxy.newProxyInstance(
                PoolConfig.class.getClassLoader(), new Class<?>[] {PoolConfig.class}, (proxy, method, arguments) -> {
                    Object value = properties.get(method.getName().replace('_', '.'));
                    return value == null
                            ? method.getDefaultValue()
                            : method.getReturnType() == int.class ? (Object) Integer.valueOf(value.toString()) : value;
                });
        return PoolSettings.of("test", config, properties);
    }

    /** The workers, the oldest first. */
    public List<Seen> workers() {
        return loop.call(() -> pool.workers().stream()
                .map(one -> new Seen(one.id(), one.pid(), one.shownState(), one.requests(), one.connections()))
                .toList());
    }

    /** How the last workers have ended. */
    public List<String> ends() {
        return loop.call(() -> pool.past().stream().map(WorkerReport::end).toList());
    }

    /** How many workers have ended, and what the pool makes of it, at one moment. */
    public record Deaths(int ends, boolean isCrashLooping) {}

    public Deaths deaths() {
        return loop.call(() -> new Deaths(pool.past().size(), pool.problem().startsWith("crash-looping")));
    }

    public String problem() {
        return loop.call(pool::problem);
    }

    /** Takes a worker out of service, or puts it back. */
    public boolean turn(String id, boolean on) {
        return loop.call(() -> on ? find(id).on() : find(id).off());
    }

    public boolean recycle(String id) {
        return loop.call(() -> pool.recycle(find(id)));
    }

    private PeerHandle find(String id) {
        return pool.workers().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        loop.call(() -> {
            pool.close();
            return null;
        });
        executor.shutdown();
    }
}
