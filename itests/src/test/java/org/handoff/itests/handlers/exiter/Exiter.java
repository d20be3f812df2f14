package org.handoff.itests.handlers.exiter;

import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Ends its process when it starts, as long as the file is there that its bundle's header names. */
@Component
@HandoffContext("/exiter")
public class Exiter implements Handler {

    /** The header. */
    public static final String CAUSE = "Exit-While-There-Is";

    /** The status that the process ends with. */
    public static final int STATUS = 42;

    /** Ends the process, or not. */
    @Activate
    public Exiter() {
        if (Files.exists(
                Path.of(FrameworkUtil.getBundle(Exiter.class).getHeaders().get(CAUSE)))) {
            System.exit(STATUS);
        }
    }

    @Override
    public void handle(Request request, Response response) {
        response.send("here");
    }
}
