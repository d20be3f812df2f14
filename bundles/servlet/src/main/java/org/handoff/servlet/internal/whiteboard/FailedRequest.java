package org.handoff.servlet.internal.whiteboard;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/** A request on its way to an error page, with the message of an exception (Servlet 4.0, section 10.9.1). */
final class FailedRequest extends HttpServletRequestWrapper {

    FailedRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public Object getAttribute(String name) {
        Object value = super.getAttribute(name);
        return value == null
                        && name.equals(RequestDispatcher.ERROR_MESSAGE)
                        && super.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable thrown
                ? thrown.getMessage()
                : value;
    }
}
