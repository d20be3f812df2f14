package org.handoff.itests.handlers.versioned;

import java.util.function.Supplier;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The third of those that come and go beside each other. */
@Component(service = Handler.class)
@HandoffContext("/versioned/third")
public class Third extends Versioned {

    /** The same, and needs a service that there is not. */
    @Component(service = Handler.class)
    @HandoffContext("/versioned/third")
    public static class Wanting extends Third {

        @Reference(target = "(of=nobody)")
        Supplier<String> missing;
    }
}
