package org.handoff.servlet.internal.session;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import org.handoff.servlet.internal.context.SessionCookie;
import org.handoff.servlet.internal.request.SessionAccess;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.servlet.internal.session.store.OpenSession;
import org.handoff.servlet.internal.session.store.Sessions;

/** The session of one request: opened when a servlet first asks for it, and saved when the response is complete. */
public final class RequestSession implements SessionAccess {

    /** A client names one for each application whose path is within another's. */
    private static final int MOST_NAMED = 8;

    private final Sessions sessions;
    private final ServletContext context;
    private final SessionCookie cookie;
    private final int maxInactive;
    private final HttpSessionIdListener onChangedId;
    private HttpServletRequest request;
    private ServletResponseFacade response;
    private boolean looked;
    private String requested;
    private SessionFacade current;

    /**
     * @param maxInactive of a new session, in seconds
     * @param onChangedId hears of each changed id
     */
    public RequestSession(
            Sessions sessions,
            ServletContext context,
            SessionCookie cookie,
            int maxInactive,
            HttpSessionIdListener onChangedId) {
        this.sessions = sessions;
        this.context = context;
        this.cookie = cookie;
        this.maxInactive = maxInactive;
        this.onChangedId = onChangedId;
    }

    /** Sets the request whose session it is, and the response that tells the client its id. */
    public void of(HttpServletRequest its, ServletResponseFacade answered) {
        request = its;
        response = answered;
    }

    /** The ids that the client names: several where applications have paths within each other. */
    private List<String> named() {
        Cookie[] cookies = request.getCookies();
        return cookies == null
                ? List.of()
                : Arrays.stream(cookies)
                        .filter(one -> one.getName().equals(cookie.name()))
                        .map(Cookie::getValue)
                        .limit(MOST_NAMED)
                        .toList();
    }

    private void announce(String id) {
        response.sessionCookie(cookie.of(id, request.isSecure()), this::saveUnknown);
    }

    /** The client asks for more, of any worker, when it has the begin of a long response. */
    private void saveUnknown() {
        if (current != null && !current.isInvalid() && !current.session().isInStore()) {
            current.session().save();
        }
    }

    /** A redirection and an error are complete, and yet unsent: they still take a cookie. */
    private void checkHeadUnsent() {
        if (response.isHeadSent()) {
            throw new IllegalStateException("the head of the response was sent, so no cookie can name the session: "
                    + "make it, or change its id, before the first flush");
        }
    }

    private void look() {
        if (looked) {
            return;
        }
        looked = true;
        List<String> ids = named();
        requested = ids.isEmpty() ? null : ids.get(0);
        for (String id : ids) {
            Optional<OpenSession> found = sessions.open(id);
            if (found.isPresent()) {
                requested = id;
                current = new SessionFacade(found.get(), context, false, this::invalidated);
                return;
            }
        }
    }

    @Override
    public HttpSession session(boolean create) {
        look();
        if (current != null && current.isInvalid()) {
            current = null;
        }
        if (current == null && create) {
            checkHeadUnsent();
            OpenSession made = sessions.create();
            made.maxInactive(maxInactive);
            announce(made.id());
            current = new SessionFacade(made, context, true, this::invalidated);
        }
        return current;
    }

    private void invalidated() {
        announce(null);
    }

    @Override
    public String requestedId() {
        look();
        return requested;
    }

    @Override
    public boolean isRequestedIdValid() {
        look();
        return current != null && !current.isInvalid() && !current.isNew();
    }

    @Override
    public String changeId() {
        checkHeadUnsent();
        HttpSession session = session(false);
        if (session == null) {
            throw new IllegalStateException("the request has no session");
        }
        String former = session.getId();
        current.session().changeId();
        announce(session.getId());
        onChangedId.sessionIdChanged(new HttpSessionEvent(session), former);
        return session.getId();
    }

    /** Saves what the request has changed, so that the client's next request, in any worker, finds it. */
    public void save() {
        if (current != null && !current.isInvalid()) {
            current.session().save();
        }
    }
}
