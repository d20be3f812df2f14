package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
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
        Map<Long, Long> before = descriptors();
        connect(CONNECTIONS);
        karaf.await(
                "the descriptors of each process to be no more than before: " + before,
                () -> noneHasMore(before, descriptors()));
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
                        http.abort();
                    }
                    default -> http.send(REQUEST);
                }
            }
        }
    }

    private boolean noneHasMore(Map<Long, Long> before, Map<Long, Long> now) {
        return now.entrySet().stream().allMatch(process -> process.getValue() <= before.get(process.getKey()));
    }

    private Map<Long, Long> descriptors() throws IOException {
        Map<Long, Long> descriptors = new LinkedHashMap<>();
        descriptors.put(karaf.pid(), Karaf.descriptors(karaf.pid()));
        for (ProcessHandle worker : karaf.workers()) {
            descriptors.put(worker.pid(), Karaf.descriptors(worker.pid()));
        }
        return descriptors;
    }
}
