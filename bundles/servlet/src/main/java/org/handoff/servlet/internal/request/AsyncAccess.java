package org.handoff.servlet.internal.request;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;

/** Lets a request be answered after its servlet has returned. */
public interface AsyncAccess {

    /**
     * Begins.
     *
     * @param request as the servlet has it
     * @throws IllegalStateException if that is not possible now
     */
    AsyncContext start(ServletRequest request, ServletResponse response, boolean original);

    boolean isStarted();

    /** A servlet has failed, with the response as it is now. */
    void failed(Throwable fault);

    /** @throws IllegalStateException if it was not begun */
    AsyncContext context();
}
