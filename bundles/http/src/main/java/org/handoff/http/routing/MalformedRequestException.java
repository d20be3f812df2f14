package org.handoff.http.routing;

/**
 * A request that HTTP does not allow, or for a feature that the server does not have. The message is for people; there
 * is no stack trace, because any client can cause the exception as often as it likes.
 */
public final class MalformedRequestException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status the status to answer with, from 400 to 599
     * @param message what is wrong with the request
     */
    public MalformedRequestException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** The status to answer with: 400 for a malformed request, 501 for a feature that is not implemented. */
    public int status() {
        return status;
    }
}
