package org.handoff.worker.runtime.log;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.handoff.testkit.Fake;
import org.handoff.worker.protocol.log.LogLevel;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogService;

/** Calls of OSGi's loggers that say something impossible. */
class OsgiLoggerTest {

    /** What an argument's text is. */
    private static final Object FAILING = new Object() {

        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    };

    private final List<String> messages = new ArrayList<>();
    private final WorkerLogger logger = new WorkerLogger("a", LogLevel.TRACE) {

        private static final long serialVersionUID = 1;

        @Override
        void write(LogLevel level, long millis, String message, Throwable thrown) {
            messages.add(message);
        }
    };

    @Test
    void argumentWithoutATextFailsNoCall() {
        new OsgiLogger(logger, true).warn("%s of %s", 1, FAILING);
        new OsgiLogger(logger, false).warn("{} of {}", 1, FAILING);
        assertTrue(messages.get(0).startsWith("%s of %s 1 [FAILED toString()], not formatted: "), messages::toString);
        assertEquals("1 of [FAILED toString()]", messages.get(1));
    }

    @Test
    void formatThatDoesNotFitFailsNoCall() {
        new OsgiLogger(logger, true).warn("%d", "one");
        assertTrue(messages.get(0).startsWith("%d one, not formatted: "), messages::toString);
    }

    @Test
    @SuppressWarnings("deprecation") // It is the older form of OSGi's log service.
    void bundleMayHaveNoSymbolicName() {
        Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> method.equals("getBundleId") ? 7L : null);
        assertDoesNotThrow(() -> new OsgiLogService(bundle).log(LogService.LOG_INFO, "of bundle 7"));
    }

    @Test
    void argumentsMayBeMissing() {
        new OsgiLogger(logger, false).warn("nothing", (Object[]) null);
        assertEquals(List.of("nothing"), messages);
    }
}
