package org.handoff.worker.pool.internal.servlet;

import org.osgi.framework.AllServiceListener;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;

/** Reports each change of the Whiteboard's services in Karaf. Of bundles the pool hears anyway. */
final class WhiteboardChanges implements AllServiceListener {

    private final BundleContext context;
    private final Runnable changed;

    /** @param changed called on any thread; must not block */
    WhiteboardChanges(BundleContext context, Runnable changed) {
        this.context = context;
        this.changed = changed;
    }

    void open() {
        try {
            context.addServiceListener(this, WhiteboardDeclaration.ALL.filter());
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("this is a filter", e);
        }
    }

    void close() {
        context.removeServiceListener(this);
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        changed.run();
    }
}
