package org.handoff.itests.handlers.partial;

import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Does not start while the file is there that its bundle's header names. */
@Component
@HandoffContext("/partial/failing")
public class Failing implements Handler {

    /** The header. */
    public static final String CAUSE = "Fail-While-There-Is";

    @Activate
    public Failing() {
        if (Files.exists(
                Path.of(FrameworkUtil.getBundle(Failing.class).getHeaders().get(CAUSE)))) {
            throw new IllegalStateException("it fails in this process");
        }
    }

    @Override
    public void handle(Request request, Response response) {
        response.send("failing in worker process " + ProcessHandle.current().pid());
    }
}
