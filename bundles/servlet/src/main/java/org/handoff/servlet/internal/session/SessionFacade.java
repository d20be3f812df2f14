package org.handoff.servlet.internal.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.IntSummaryStatistics;
import java.util.List;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import org.handoff.servlet.internal.session.store.OpenSession;

/**
 * A session as the Whiteboard sees it: one for all servlet contexts of an application, in which the Whiteboard keeps
 * the attributes of each context under names of its own.
 *
 * <p>The Whiteboard notes each access to a context's session as an attribute. The store knows the accesses, so these
 * attributes are computed: otherwise each request would change its session.
 */
final class SessionFacade implements HttpSession {

    private static final String PREFIX = "org.apache.felix.http.session.context.";
    private static final String CREATED = PREFIX + "created.";
    private static final String ACCESSED = PREFIX + "lastaccessed.";
    private static final String MAX_INACTIVE = PREFIX + "maxinactive.";
    private static final String ATTRIBUTE = PREFIX + "attr.";

    private final OpenSession session;
    private final ServletContext context;
    private final boolean isNew;
    private final Runnable onInvalid;
    private boolean invalid;

    /** @param onInvalid done when it is invalidated */
    SessionFacade(OpenSession session, ServletContext context, boolean isNew, Runnable onInvalid) {
        this.session = session;
        this.context = context;
        this.isNew = isNew;
        this.onInvalid = onInvalid;
    }

    OpenSession session() {
        return session;
    }

    boolean isInvalid() {
        return invalid;
    }

    private void checkValid() {
        if (invalid) {
            throw new IllegalStateException("the session has been invalidated");
        }
    }

    @Override
    public long getCreationTime() {
        checkValid();
        return session.created();
    }

    @Override
    public String getId() {
        return session.id();
    }

    @Override
    public long getLastAccessedTime() {
        checkValid();
        return session.accessed();
    }

    @Override
    public ServletContext getServletContext() {
        return context;
    }

    @Override
    public void setMaxInactiveInterval(int seconds) {
        session.maxInactive(seconds);
    }

    @Override
    public int getMaxInactiveInterval() {
        return session.maxInactive();
    }

    @Override
    public Object getAttribute(String name) {
        checkValid();
        if (name.startsWith(ACCESSED)) {
            return session.names().contains(CREATED + name.substring(ACCESSED.length())) ? session.accessed() : null;
        }
        return session.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        checkValid();
        List<String> names = new ArrayList<>(session.names());
        session.names().stream()
                .filter(name -> name.startsWith(CREATED))
                .forEach(name -> names.add(ACCESSED + name.substring(CREATED.length())));
        return Collections.enumeration(names);
    }

    @Override
    public void setAttribute(String name, Object value) {
        checkValid();
        if (value == null) {
            removeAttribute(name);
        } else if (!name.startsWith(ACCESSED)) {
            Object before = session.get(name);
            session.set(name, value);
            if (name.startsWith(MAX_INACTIVE)) {
                lastWithContexts();
            }
            BoundAttributes.unbound(this, name, before);
            BoundAttributes.bound(this, name, value);
        }
    }

    /**
     * Lets the session last as long as the last one of its contexts wants. The Whiteboard tells it of intervals that are
     * longer than its own, and not of a shorter one, or of one without an end.
     */
    private void lastWithContexts() {
        IntSummaryStatistics intervals = session.names().stream()
                .filter(name -> name.startsWith(MAX_INACTIVE))
                .mapToInt(name -> (Integer) session.get(name))
                .summaryStatistics();
        if (intervals.getCount() > 0) {
            session.maxInactive(intervals.getMin() <= 0 ? 0 : intervals.getMax());
        }
    }

    @Override
    public void removeAttribute(String name) {
        checkValid();
        Object before = session.get(name);
        session.remove(name);
        BoundAttributes.unbound(this, name, before);
        if (name.startsWith(MAX_INACTIVE)) {
            lastWithContexts();
        } else if (name.startsWith(CREATED)) {
            removeUnreadable(ATTRIBUTE + name.substring(CREATED.length()) + '.');
        }
    }

    /**
     * Removes the attributes of a context that this worker cannot read. The Whiteboard ends the session of a context
     * with this one, and the session itself once no attribute is left; but it removes only those that it can read.
     */
    private void removeUnreadable(String prefix) {
        session.names().stream()
                .filter(name -> name.startsWith(prefix) && session.get(name) == null)
                .forEach(session::remove);
    }

    @Override
    public void invalidate() {
        checkValid();
        invalid = true;
        session.delete();
        onInvalid.run();
    }

    @Override
    public boolean isNew() {
        checkValid();
        return isNew;
    }
}
