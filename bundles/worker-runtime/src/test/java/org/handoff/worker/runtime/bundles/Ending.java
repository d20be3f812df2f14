package org.handoff.worker.runtime.bundles;

import java.util.concurrent.CountDownLatch;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.slf4j.LoggerFactory;

/** Says when it ends, and does not end where its process has the variable HANG. */
public class Ending implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send("not ended");
    }

    public void end() throws InterruptedException {
        LoggerFactory.getLogger(Ending.class).info("deactivated");
        if (System.getenv("HANG") != null) {
            new CountDownLatch(1).await();
        }
    }
}
