package org.handoff.servlet.internal.session;

import javax.servlet.http.HttpSessionBindingEvent;
import javax.servlet.http.HttpSessionBindingListener;

/**
 * Tells attributes of javax that they have come into a session, or have gone. The Whiteboard does so for those of
 * jakarta only.
 */
final class BoundAttributes {

    /** How the Whiteboard names the attribute of a servlet context: with the context's name, and a dot. */
    private static final String PREFIX = "org.apache.felix.http.session.context.attr.";

    private BoundAttributes() {}

    static void bound(SessionFacade session, String key, Object value) {
        if (value instanceof HttpSessionBindingListener listener) {
            listener.valueBound(event(session, key, value));
        }
    }

    static void unbound(SessionFacade session, String key, Object value) {
        if (value instanceof HttpSessionBindingListener listener) {
            listener.valueUnbound(event(session, key, value));
        }
    }

    private static HttpSessionBindingEvent event(SessionFacade session, String key, Object value) {
        int name = key.startsWith(PREFIX) ? key.indexOf('.', PREFIX.length()) + 1 : 0;
        return new HttpSessionBindingEvent(
                new ContextSession(session, key.substring(0, name)), key.substring(name), value);
    }
}
