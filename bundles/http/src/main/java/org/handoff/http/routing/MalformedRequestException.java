package org.handoff.http.routing;

/**
 * A request that HTTP does not allow, or that asks for what the server does not do. Its message is for people; it has
 * no stack trace, because anybody on the network can cause it as often as they like.
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

    /** The status to answer with: 400 for what is malformed, 501 for what is not implemented. */
    public int status() {
        return status;
    }
}
