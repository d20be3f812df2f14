package org.handoff.itests.handlers.logreader;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogReaderService;

/** Would read the log of its worker. */
@Component
@HandoffContext("/logreader")
public class Reading implements Handler {

    private final LogReaderService log;

    @Activate
    public Reading(@Reference LogReaderService log) {
        this.log = log;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(String.valueOf(log.getLog().hasMoreElements()));
    }
}
