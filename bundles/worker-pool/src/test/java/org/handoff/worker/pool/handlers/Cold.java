package org.handoff.worker.pool.handlers;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Takes long for its process's first request, and no time for the others. */
public class Cold implements Handler {

    private static final long MILLIS = 50;

    private boolean warm;

    @Override
    public void handle(Request request, Response response) throws InterruptedException {
        if (!warm) {
            Thread.sleep(MILLIS);
            warm = true;
        }
        response.send("warm");
    }
}
