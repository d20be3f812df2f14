package org.handoff.worker.pool.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({
        "'',                             LC_CTYPE=C.UTF-8",
        "LANG=C,                         LANG=C LC_CTYPE=C.UTF-8",
        "LANG=de_DE,                     LANG=de_DE LC_CTYPE=C.UTF-8",
        "LANG=de_DE.UTF-8,               LANG=de_DE.UTF-8",
        "LANG=de_DE.utf8,                LANG=de_DE.utf8",
        "LC_ALL=C LANG=de_DE.UTF-8,      LC_ALL=C.UTF-8 LANG=de_DE.UTF-8",
        "LC_ALL= LC_CTYPE=POSIX LANG=C,  LC_ALL= LC_CTYPE=C.UTF-8 LANG=C",
        "LC_CTYPE=C.UTF-8 LANG=C,        LC_CTYPE=C.UTF-8 LANG=C",
        "LC_ALL=de_DE.UTF-8@euro LANG=C, LC_ALL=de_DE.UTF-8@euro LANG=C"
    })
    void textsAreInUtf8WhateverTheLocaleOfKaraf(String karafs, String workers) {
        Map<String, String> environment = environment(karafs);
        WorkerEnvironment.useUtf8(environment);
        assertEquals(environment(workers), environment);
    }

    private static Map<String, String> environment(String variables) {
        return Arrays.stream(variables.split(" "))
                .filter(one -> !one.isEmpty())
                .map(one -> one.split("=", -1))
                .collect(Collectors.toMap(one -> one[0], one -> one[1]));
    }
}
