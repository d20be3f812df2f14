package org.handoff.worker.runtime.bundles;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.slf4j.LoggerFactory;

/** Says which process answers. */
public class Hello implements Handler {

    /** More often than the JVM of JDK 17 calls a method by reflection before it generates a class for it. */
    private static final int CALLS = 40;

    @Override
    public void handle(Request request, Response response) throws Exception {
        for (int i = 0; i < CALLS; i++) {
            Hello.class.getMethod("pid").invoke(this);
        }
        LoggerFactory.getLogger(Hello.class).info("asked for {}", request.path());
        response.send(request.context() + " " + pid());
    }

    public long pid() {
        return ProcessHandle.current().pid();
    }
}
