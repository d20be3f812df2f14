package org.handoff.itests.handlers.kinds.tccl;

import java.util.ServiceLoader;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Finds the providers of its own bundle by the thread's context class loader. */
public final class ContextClassLoader {

    private ContextClassLoader() {}

    private static String outcome() {
        return ServiceLoader.load(IntSupplier.class).stream()
                .map(provider -> String.valueOf(provider.get().getAsInt()))
                .collect(Collectors.joining(","));
    }

    /** Sets the loader, as nobody has done for a component that is being activated. */
    private static String asInAWorker() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ContextClassLoader.class.getClassLoader());
        try {
            return outcome();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** A provider. */
    public static class Provider implements IntSupplier {

        @Override
        public int getAsInt() {
            return 7;
        }
    }

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/tccl")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers() {
            super(ContextClassLoader::outcome);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes() {
            super("tccl", ContextClassLoader::asInAWorker);
        }
    }
}
