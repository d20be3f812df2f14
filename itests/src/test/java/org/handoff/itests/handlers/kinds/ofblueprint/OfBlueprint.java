package org.handoff.itests.handlers.kinds.ofblueprint;

import java.util.function.Supplier;

import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** A component that refers to a service of Blueprint. */
@Component
@HandoffContext("/kinds/ofblueprint")
public class OfBlueprint extends InWorker implements Handler {

    @Activate
    public OfBlueprint(@Reference(target = "(language=en)") Supplier<String> service) {
        super(service::get);
    }
}
