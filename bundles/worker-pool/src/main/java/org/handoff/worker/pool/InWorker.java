package org.handoff.worker.pool;

/**
 * An exception of a worker in Karaf's log, which shows the name of this class before the type and message of the
 * original, whose class Karaf may not have.
 */
public final class InWorker extends Exception {

    private static final long serialVersionUID = 1;

    /**
     * @param text the type and the message of the original
     * @param cause null for none
     */
    public InWorker(String text, StackTraceElement[] trace, Throwable cause) {
        super(text, cause);
        setStackTrace(trace);
    }

    /** The stack of its making says nothing about the original. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }

    @Override
    public String toString() {
        return getMessage();
    }
}
