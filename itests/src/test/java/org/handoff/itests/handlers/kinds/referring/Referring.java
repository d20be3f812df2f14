package org.handoff.itests.handlers.kinds.referring;

import java.util.function.Supplier;

import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Refers to a service that an activator of another bundle registers. */
public final class Referring {

    private Referring() {}

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/referring")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers(@Reference(target = "(registered.by=activator)") Supplier<String> service) {
            super(service::get);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes(@Reference(target = "(registered.by=activator)") Supplier<String> service) {
            super("referring", service::get);
        }
    }
}
