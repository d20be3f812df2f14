package org.handoff.servlet.internal.session.store;

/** A session with more bytes than its store allows. */
public final class SessionTooLargeException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /**
     * @param bytes the size that the session would have
     * @param most what the store allows
     * @param remedy what to do
     */
    public SessionTooLargeException(long bytes, long most, String remedy) {
        super("the session would have " + bytes + " bytes, and " + most + " is the most: " + remedy);
    }
}
