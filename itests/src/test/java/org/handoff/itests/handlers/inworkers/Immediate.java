package org.handoff.itests.handlers.inworkers;

import java.io.IOException;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Wants to be activated as soon as it can be; with an odd version it ends the process then. */
@Component(immediate = true)
@HandoffContext("/immediate")
public class Immediate implements Handler {

    /** The status that the process ends with. */
    public static final int STATUS = 7;

    /** The header with the process of who answers; the text is the bundle's version. */
    public static final String PROCESS = "process";

    private final Version version = FrameworkUtil.getBundle(Immediate.class).getVersion();

    /** Notes its process, and ends it or not. */
    @Activate
    public Immediate() throws IOException {
        Notes.add(Immediate.class);
        if (version.getMicro() % 2 == 1) {
            System.exit(STATUS);
        }
    }

    @Override
    public void handle(Request request, Response response) {
        response.header(PROCESS, Long.toString(ProcessHandle.current().pid())).send(version.toString());
    }
}
