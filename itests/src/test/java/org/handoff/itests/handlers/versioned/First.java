package org.handoff.itests.handlers.versioned;

import java.util.function.Supplier;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The first of those that come and go beside each other. */
@Component(service = Handler.class)
@HandoffContext("/versioned/first")
public class First extends Versioned {

    /** The same, and needs a service that there is not. */
    @Component(service = Handler.class)
    @HandoffContext("/versioned/first")
    public static class Wanting extends First {

        @Reference(target = "(of=nobody)")
        Supplier<String> missing;
    }
}
