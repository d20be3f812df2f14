package org.handoff.itests.handlers.hang;

import java.util.concurrent.CountDownLatch;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Never returns. */
@Component
@HandoffContext("/hang")
public class Hang implements Handler {

    @Override
    public void handle(Request request, Response response) throws InterruptedException {
        waitForWhatNeverComes();
        response.send("never");
    }

    private static void waitForWhatNeverComes() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
