package org.handoff.itests.handlers.kinds.jackson;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Uses a library that is several bundles. */
public final class Jackson {

    private Jackson() {}

    private static String outcome() throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(Map.of("numbers", List.of(1, 2)));
    }

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/jackson")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers() {
            super(Jackson::outcome);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes() {
            super("jackson", Jackson::outcome);
        }
    }
}
