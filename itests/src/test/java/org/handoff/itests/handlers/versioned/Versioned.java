package org.handoff.itests.handlers.versioned;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Answers its bundle's version, and what a service says that may come and go. How it starts, its bundle's header says.
 */
public abstract class Versioned implements Handler {

    /** The header: one of {@link Start}; without it the handler starts at once. */
    public static final String HEADER = "Test-Start";

    /** How a handler starts. */
    public enum Start {

        /** At once. */
        WELL,
        /** In some seconds. */
        SLOWLY,
        /** With an exception. */
        THROWS,
        /** Not, as its process ends. */
        EXITS,
        /** Never. */
        NEVER
    }

    /** Longer than the tests' contexts are served that nobody wants. */
    private static final long SLOW_SECONDS = 3;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, target = "(of=versioned)")
    volatile Supplier<String> words;

    @Activate
    void start() throws InterruptedException {
        String start = FrameworkUtil.getBundle(getClass()).getHeaders().get(HEADER);
        switch (Start.valueOf(Objects.requireNonNullElse(start, Start.WELL.name()))) {
            case SLOWLY -> TimeUnit.SECONDS.sleep(SLOW_SECONDS);
            case THROWS -> throw new IllegalStateException("this version does not start");
            case EXITS -> System.exit(1);
            case NEVER -> new CountDownLatch(1).await();
            default -> {}
        }
    }

    @Override
    public void handle(Request request, Response response) {
        Supplier<String> now = words;
        response.send(FrameworkUtil.getBundle(getClass()).getVersion() + " " + (now == null ? "" : now.get()));
    }
}
