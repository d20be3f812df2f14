package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OurKaraf.class)
class DescriptorsTest {

    private static final int WARM_UP = 1_000;
    private static final int CONNECTIONS = 10_000;
    private static final String REQUEST = "GET /hello HTTP/1.1\r\nHost: localhost\r\n";

    private final Karaf karaf;

    DescriptorsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void nobodyHoldsMoreDescriptorsAfterTenThousandConnections() throws Exception {
        connect(WARM_UP);
        Map<Long, OpenDescriptors> before = descriptors();
        connect(CONNECTIONS);
        before.values().forEach(OpenDescriptors::awaitNoMore);
        assertEquals(before.keySet(), descriptors().keySet(), "the same processes");
    }

    /** Opens connections one after another, ended in all the ways there are. */
    private void connect(int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            try (Http http = new Http(karaf.httpPort())) {
                switch (i % 4) {
                    case 0 -> {
                        http.send(REQUEST + "Connection: close\r\n\r\n");
                        assertEquals(200, http.receive().status());
                    }
                    case 1 -> {
                        http.send(REQUEST + "\r\n");
                        assertEquals(200, http.receive().status());
                    }
                    case 2 -> {
                        http.send(REQUEST + "\r\n");
                        http.reset();
                    }
                    default -> http.send(REQUEST);
                }
            }
        }
    }

    /** Those of Karaf and of its workers, when all connections have ended. */
    private Map<Long, OpenDescriptors> descriptors() throws IOException {
        Map<Long, OpenDescriptors> descriptors = new LinkedHashMap<>();
        descriptors.put(karaf.pid(), karaf.descriptors());
        for (ProcessHandle worker : karaf.workers()) {
            descriptors.put(worker.pid(), OpenDescriptors.of(worker.pid()));
        }
        return descriptors;
    }
}
