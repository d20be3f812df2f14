package org.handoff.servlet.internal.session.store;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import org.osgi.framework.BundleContext;

/** The sessions of a pool, for its requests. On any thread. */
public final class Sessions implements AutoCloseable {

    /** The environment variable with the store. */
    private static final String TOLD = "HANDOFF_SESSIONS";

    private static final String POOL = "HANDOFF_POOL";

    /** Bytes of an id: nobody guesses one. */
    private static final int RANDOM_BYTES = 24;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{32}");

    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final AtomicLong nextWarning = new AtomicLong(System.nanoTime());
    private final SecureRandom random = new SecureRandom();
    private final SessionStore store;
    private final AttributeCodec codec;

    /** @param store closed by {@link #close} */
    public Sessions(SessionStore store, ClassSource classes) {
        this.store = store;
        this.codec = new AttributeCodec(classes);
    }

    /**
     * The sessions of this worker's pool, in the store that the pool names.
     *
     * @param context finds the classes of attributes, and the database
     * @throws IllegalStateException if the pool has not told where they are
     */
    public static Sessions ofWorker(BundleContext context) {
        return new Sessions(
                SessionStores.of(System.getenv(TOLD), System.getenv(POOL), context), new BundleClasses(context));
    }

    /**
     * Opens the session of a request.
     *
     * @param id as the client names it, whatever that is
     * @return empty if there is no such session, or no longer
     * @throws StoreAwayException if the store does not answer
     */
    public Optional<OpenSession> open(String id) {
        return ID.matcher(id).matches()
                ? store.load(id).map(stored -> OpenSession.stored(this, id, stored))
                : Optional.empty();
    }

    /** Makes a session with an id of its own; the store has it once it is saved. */
    public OpenSession create() {
        return OpenSession.made(this, newId());
    }

    /** Whether a warning is due again: clients can have as many attributes read as they like. */
    boolean mayWarn() {
        long now = System.nanoTime();
        long next = nextWarning.get();
        return now - next >= 0 && nextWarning.compareAndSet(next, now + WARNING_NANOS);
    }

    String newId() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    SessionStore store() {
        return store;
    }

    AttributeCodec codec() {
        return codec;
    }

    @Override
    public void close() {
        store.close();
    }
}
