package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaVersionTest {

    @TempDir
    Path home;

    @ParameterizedTest
    @CsvSource({
        "1.8.0_292, Debian, 1, false",
        "17, Debian, 17, false",
        "17.0.8.1, Debian, 17, false",
        "17.0.9, Debian, 17, true",
        "17.0.15, Oracle Corporation, 17, false",
        "17.0.15, '', 17, false",
        "20.0.2, Debian, 20, false",
        "21, Eclipse Adoptium, 21, false",
        "21.0.1, Eclipse Adoptium, 21, true",
        "22, Oracle Corporation, 22, true",
        "25.0.3, '', 25, true",
        "none, Debian, 0, false"
    })
    void eachHasTheOptionsOfItsRelease(String version, String implementor, int feature, boolean trims)
            throws IOException {
        Files.writeString(
                home.resolve("release"),
                "JAVA_VERSION=\"" + version + "\"\n"
                        + (implementor.isEmpty() ? "" : "IMPLEMENTOR=\"" + implementor + "\"\n"));
        Path java = java();
        assertEquals(feature, JavaVersion.feature(java));
        assertEquals(trims, JavaVersion.trimsNativeHeap(java));
        assertEquals(version + ", " + java, JavaVersion.of(java));
    }

    @Test
    void homeThatDoesNotTellIsOfNoRelease() throws IOException {
        Path java = java();
        assertEquals(0, JavaVersion.feature(java));
        assertFalse(JavaVersion.trimsNativeHeap(java));
        assertEquals(java.toString(), JavaVersion.of(java));
    }

    private Path java() throws IOException {
        return Files.createDirectories(home.resolve("bin")).resolve("java");
    }
}
