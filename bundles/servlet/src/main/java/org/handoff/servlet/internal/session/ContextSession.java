package org.handoff.servlet.internal.session;

import java.util.Collections;
import java.util.Enumeration;

import org.apache.felix.http.javaxwrappers.HttpSessionWrapper;

/** The session of one servlet context, as an attribute of javax sees it. */
final class ContextSession extends HttpSessionWrapper {

    private final SessionFacade session;
    private final String prefix;

    /** @param prefix of the names of the context's attributes */
    ContextSession(SessionFacade session, String prefix) {
        super(session);
        this.session = session;
        this.prefix = prefix;
    }

    @Override
    public Object getAttribute(String name) {
        return session.getAttribute(prefix + name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        session.setAttribute(prefix + name, value);
    }

    @Override
    public void removeAttribute(String name) {
        session.removeAttribute(prefix + name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        return Collections.enumeration(Collections.list(session.getAttributeNames()).stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList());
    }
}
