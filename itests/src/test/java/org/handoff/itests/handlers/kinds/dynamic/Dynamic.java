package org.handoff.itests.handlers.kinds.dynamic;

import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Asks for a class by its name, of which a bundle that it imports dynamically is the only one to know. */
public final class Dynamic {

    private Dynamic() {}

    private static String outcome() throws ClassNotFoundException {
        return Class.forName("org.handoff.itests.handlers.library.Words").getSimpleName();
    }

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/dynamic")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers() {
            super(Dynamic::outcome);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes() {
            super("dynamic", Dynamic::outcome);
        }
    }
}
