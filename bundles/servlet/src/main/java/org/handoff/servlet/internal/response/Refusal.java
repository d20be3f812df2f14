package org.handoff.servlet.internal.response;

import org.handoff.worker.api.HttpException;

/** The reason why a request is refused: it is the client's fault, or for want of room, and not the servlet's. */
public final class Refusal {

    private Refusal() {}

    /** Finds it among the causes of a servlet's fault. @return null for none */
    public static HttpException of(Object fault) {
        Object one = fault;
        while (one instanceof Throwable thrown && !(one instanceof HttpException)) {
            one = thrown.getCause();
        }
        return (HttpException) one;
    }
}
