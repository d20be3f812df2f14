package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.handoff.itests.handlers.hang.Hang;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Millis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A handler that never returns. */
@ExtendWith(OurKaraf.class)
class HangTest {

    private static final int LIMIT_SECONDS = 4;
    private static final int REQUESTS = 200;

    private final Karaf karaf;
    private final Workers workers;

    HangTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void itsClientIs504AtTheLimitTheDumpNamesItAndOthersDoNotNotice() throws Exception {
        Path bundle = HandlerBundle.build("test.hang", Hang.class);
        try {
            workers.configure("request.timeout", Integer.toString(LIMIT_SECONDS));
            karaf.deploy(bundle, "hang.jar");
            karaf.await(
                    "the context",
                    () -> karaf.shell("monitor:contexts")
                            .lines()
                            .anyMatch(line -> line.startsWith("/hang") && line.contains("serving")));
            workers.awaitOn(2);
            try (Http other = new Http(karaf.httpPort());
                    Http hanging = new Http(karaf.httpPort())) {
                Millis before = others(other);
                long begin = System.nanoTime();
                hanging.send("GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Millis meanwhile = others(other);
                assertFalse(hanging.hasBegun(), "others are answered while it hangs");
                assertEquals(504, hanging.receive().status());
                double seconds = (System.nanoTime() - begin) / 1e9;
                double ratio = meanwhile.percentile(50) / before.percentile(50);
                System.out.printf(
                        Locale.ROOT,
                        "a handler hangs: 504 after %.2f s, with request.timeout = %d s; "
                                + "others' requests before: %s; meanwhile: %s; ratio of the medians %.2f%n",
                        seconds,
                        LIMIT_SECONDS,
                        before,
                        meanwhile,
                        ratio);
                assertTrue(seconds >= LIMIT_SECONDS, "not before the limit: " + seconds);
                Runs.assertTiming(ratio < 2, "others' requests take longer: " + ratio);
            }
            karaf.await("the handler's method in the log", () -> logged("Hang.waitForWhatNeverComes") > 0);
            karaf.await("its caller", () -> logged("Hang.handle") > 0);
            workers.awaitOn(2);
        } finally {
            karaf.undeploy("hang.jar");
            // Without a request, which would hang as long as it is there.
            karaf.await(
                    "the context to be gone",
                    () -> !karaf.shell("monitor:contexts").contains("/hang"));
            workers.configure("request.timeout", "300");
        }
    }

    /** On a kept connection: what it costs to find a free worker is another test's. */
    private static Millis others(Http other) throws Exception {
        Millis times = new Millis();
        for (int i = 0; i < REQUESTS; i++) {
            assertEquals(
                    200,
                    times.measure(() -> {
                                other.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                                return other.receive();
                            })
                            .status());
        }
        return times;
    }

    /** How many of the lines that workers wrote have this. */
    private long logged(String text) throws IOException {
        List<String> log = karaf.log();
        return log.stream()
                .filter(line -> line.contains("[default-") && line.contains(text))
                .count();
    }
}
