package org.handoff.servlet.internal.request;

import jakarta.servlet.http.HttpSession;

/** The session of one request. */
public interface SessionAccess {

    /** @return null if there is none and none is to be made */
    HttpSession session(boolean create);

    /** The id that the client names; null for none. */
    String requestedId();

    /** Whether that is the id of a session. */
    boolean isRequestedIdValid();

    /** Gives the session another id. @throws IllegalStateException if there is none */
    String changeId();
}
