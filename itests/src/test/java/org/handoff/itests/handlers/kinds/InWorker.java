package org.handoff.itests.handlers.kinds;

import java.util.concurrent.Callable;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** A handler that answers with what the code of its bundle comes to. */
public abstract class InWorker implements Handler {

    private final Callable<String> code;

    protected InWorker(Callable<String> code) {
        this.code = code;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(outcome(code));
    }

    static String outcome(Callable<String> code) {
        try {
            return code.call();
        } catch (Exception | LinkageError e) {
            return e.toString();
        }
    }
}
