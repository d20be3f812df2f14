package org.handoff.itests.handlers.kinds;

import java.util.concurrent.Callable;

import org.osgi.service.component.annotations.Deactivate;

/** A component that sets a system property to what the code of its bundle comes to, for Karaf's shell to show. */
public abstract class InKaraf {

    private final String property;

    /** @param kind the end of the property's name */
    protected InKaraf(String kind, Callable<String> code) {
        property = property(kind);
        System.setProperty(property, InWorker.outcome(code));
    }

    /** The property of a kind. */
    public static String property(String kind) {
        return "org.handoff.itests.kind." + kind;
    }

    @Deactivate
    public void clear() {
        System.clearProperty(property);
    }
}
