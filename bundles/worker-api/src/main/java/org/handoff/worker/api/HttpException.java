package org.handoff.worker.api;

/**
 * A request that cannot be answered as its client wants, for a reason that its status says. Methods of {@link Request}
 * throw it for what cannot be decoded; a handler may throw it too. It need not be caught: the server answers the status,
 * without the message, and does not log it as a fault of the handler.
 *
 * <pre>{@code
 * Account account = accounts.find(id).orElseThrow(() -> new HttpException(404, "no account " + id));
 * }</pre>
 */
public class HttpException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * Makes an exception.
     *
     * @param status from 400 to 599
     * @param message for the server's log, not for the client
     */
    public HttpException(int status, String message) {
        this(status, message, null);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param status from 400 to 599
     * @param message for the server's log, not for the client
     */
    public HttpException(int status, String message, Throwable cause) {
        super(message, cause);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("the status " + status + " is not between 400 and 599");
        }
        this.status = status;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }
}
