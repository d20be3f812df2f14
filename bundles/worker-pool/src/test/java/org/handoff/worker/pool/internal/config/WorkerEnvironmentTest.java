package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

class WorkerEnvironmentTest {

    @Test
    void nothingOfKarafsIsLeftButWhatTheProtocolSays() {
        Map<String, String> karafs = new HashMap<>(Map.of(
                "PATH",
                "/bin",
                "LANG",
                "C.UTF-8",
                "LC_ALL",
                "C",
                "TZ",
                "UTC",
                "JAVA_TOOL_OPTIONS",
                "-Dx",
                "LD_PRELOAD",
                "x.so",
                "KARAF_HOME",
                "/opt",
                "SECRET",
                "s",
                "LCX",
                "x"));
        assertEquals(
                Map.of("PATH", "/bin", "LANG", "C.UTF-8", "LC_ALL", "C", "TZ", "UTC"),
                WorkerEnvironment.cleaned(karafs));
    }
}
