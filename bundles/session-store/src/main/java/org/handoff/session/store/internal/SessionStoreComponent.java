package org.handoff.session.store.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.http.config.KnownKeys;
import org.handoff.session.store.internal.config.SessionsConfig;
import org.handoff.session.store.internal.config.SessionsSettings;
import org.handoff.session.store.internal.memory.SessionMemory;
import org.handoff.session.store.internal.server.StoreServer;
import org.handoff.worker.pool.api.PoolSessions;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store of sessions as a component: for each pool that keeps sessions here, a socket. */
@Component(service = SessionStoreComponent.class, configurationPid = SessionsSettings.PID, immediate = true)
@Designate(ocd = SessionsConfig.class)
public final class SessionStoreComponent {

    private static final Logger LOG = LoggerFactory.getLogger(SessionStoreComponent.class);

    private static final KnownKeys KEYS = new KnownKeys(SessionsConfig.class, List.of());

    private final StoreServer server;
    /** The fault of a changed configuration, which the store does not use then; empty for none. */
    private volatile String refused = "";
    /** The unknown keys of the configuration; empty for none. */
    private volatile String unknownKeys;

    /**
     * Starts the store.
     *
     * @throws IllegalArgumentException if the configuration is not possible
     * @throws IOException if the system refuses
     */
    @Activate
    public SessionStoreComponent(SessionsConfig config, Map<String, Object> properties) throws IOException {
        unknownKeys = KEYS.warn(LOG, "The store of sessions", SessionsSettings.FILE, properties);
        server = new StoreServer(SessionsSettings.of(config));
    }

    /** Opens the socket of a pool. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addPool(PoolSessions pool) {
        server.open(pool.pool(), pool.socket());
    }

    /** Closes the socket of a pool; the sessions stay until they end. */
    void removePool(PoolSessions pool) {
        server.close(pool.pool(), pool.socket());
    }

    /** Takes a changed configuration; the sessions stay, as far as they fit. */
    @Modified
    void configure(SessionsConfig config, Map<String, Object> properties) {
        unknownKeys = KEYS.warn(LOG, "The store of sessions", SessionsSettings.FILE, properties);
        try {
            server.settings(SessionsSettings.of(config));
            refused = "";
        } catch (IllegalArgumentException e) {
            refused = "as it was before its file changed: " + SessionsSettings.FILE + " has " + e.getMessage();
            LOG.error("Nothing changed; {} has {}", SessionsSettings.FILE, e.getMessage());
        }
    }

    /** Ends the sockets; the sessions are lost. */
    @Deactivate
    void stop() {
        server.close();
    }

    /** The problem of the configuration; empty for none. */
    public String problem() {
        return Stream.of(refused, unknownKeys).filter(one -> !one.isEmpty()).collect(Collectors.joining("; "));
    }

    /** The pools, in the order of their names. */
    public List<StoreServer.PoolStatus> pools() {
        return server.pools();
    }

    /** Some sessions of a pool. */
    public List<SessionMemory.Shown> sessions(String pool, int most) {
        return server.sessions(pool, most);
    }
}
