package org.handoff.lrwp.cgi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.handoff.testkit.Jdeps;
import org.junit.jupiter.api.Test;

/** The one jar that the pool starts, which the build has made before. */
class CgiJarTest {

    @Test
    void hasEveryClassThatItsCodeRefersTo() {
        assertEquals(List.of(), Jdeps.missing(System.getProperty("handoff.program.jar")));
    }
}
