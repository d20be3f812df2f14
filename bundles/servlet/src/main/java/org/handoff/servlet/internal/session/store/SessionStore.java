package org.handoff.servlet.internal.session.store;

import java.util.Optional;

/**
 * The sessions of a pool, outside of its workers. All workers of the pool have one store; each change is there for all
 * of them when the method returns, and a worker that dies in the middle of one has made all of it or nothing. Every
 * method may be called on any thread, waits for a bounded time, and may be repeated: the second time changes nothing.
 *
 * <p>Every method throws {@link StoreAwayException} if the store does not answer.
 */
public interface SessionStore extends AutoCloseable {

    /** The session, with this as its latest access; empty if it does not exist, or no longer. */
    Optional<StoredSession> load(String id);

    /**
     * Changes a session, or makes it if the changes say so. Attributes that they do not name stay as they are, so that
     * the changes of several workers merge; of two changes of one attribute the last one stays. Counts as an access.
     *
     * @return whether the session exists, and is changed now; one that has been deleted meanwhile does not come back
     * @throws SessionTooLargeException if the session would have more bytes than the store allows; it is unchanged then
     */
    boolean save(String id, SessionChanges changes);

    /** Gives a session another id. @return whether it exists */
    boolean rename(String id, String newId);

    /** Deletes a session, if it exists. */
    void delete(String id);

    /** Ends the connections to the store; the sessions stay. */
    @Override
    void close();
}
