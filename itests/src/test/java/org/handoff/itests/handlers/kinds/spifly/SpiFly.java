package org.handoff.itests.handlers.kinds.spifly;

import java.util.ServiceLoader;
import java.util.stream.Collectors;

import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.itests.handlers.library.Words;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Finds the providers that SPI Fly finds in other bundles. */
public final class SpiFly {

    private SpiFly() {}

    private static String outcome() {
        return ServiceLoader.load(Words.class).stream()
                .map(provider -> provider.get().greeting())
                .collect(Collectors.joining(","));
    }

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/spifly")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers() {
            super(SpiFly::outcome);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes() {
            super("spifly", SpiFly::outcome);
        }
    }
}
