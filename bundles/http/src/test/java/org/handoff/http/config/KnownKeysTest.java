package org.handoff.http.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownKeysTest {

    @SuppressWarnings("unused")
    private interface Config {

        int workers();

        int max_age();

        int port();
    }

    private static final KnownKeys KEYS = new KnownKeys(Config.class, List.of("http.body", "environment.NAME"));

    @ParameterizedTest
    @CsvSource({
        "worker, workers",
        "wrokers, workers",
        "max_age, max.age",
        "prot, port",
        "http.bdy, http.body",
        "enviroment.TZ, environment.NAME",
        "PORT, port",
        "environment, environment.NAME"
    })
    void unknownKeyIsNamedWithTheNearest(String key, String nearest) {
        assertEquals(
                "ignoring keys of etc/a.cfg: " + key + " (the nearest is " + nearest + ")",
                KEYS.complaint("etc/a.cfg", Map.of(key, "secret", "port", "1")));
    }

    @Test
    void severalUnknownKeysAreOneLine() {
        assertEquals(
                "ignoring keys of a: prot (the nearest is port), worker (the nearest is workers)",
                KEYS.complaint("a", Map.of("worker", "3", "prot", "1")));
    }

    @Test
    void knownKeysAndThoseOfTheSystemAreFine() {
        assertEquals(
                "",
                KEYS.complaint(
                        "a",
                        Map.of(
                                "workers",
                                "3",
                                "max.age",
                                "1",
                                "http.body",
                                "1",
                                "environment.A.b",
                                "1",
                                "service.pid",
                                "p",
                                "component.id",
                                1L,
                                "felix.fileinstall.filename",
                                "f",
                                ".private",
                                "1",
                                "osgi.ds.satisfying.condition.target",
                                "t",
                                "org.apache.karaf.features.configKey",
                                "k")));
    }
}
