package org.handoff.itests.deploy;

import java.io.IOException;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nothing of a handler runs in Karaf, whatever it does to come to life. */
@ExtendWith(OurKaraf.class)
class InWorkersOnlyTest {

    private final InWorkersOnly handlers;

    InWorkersOnlyTest(Karaf karaf) throws IOException {
        handlers = new InWorkersOnly(karaf);
    }

    @AfterEach
    void undeploy() throws Exception {
        handlers.undeploy();
    }

    @Test
    void whatIsForWorkersRunsInWorkersAndEverythingElseInKarafToo() throws Exception {
        handlers.whatRunsWhere();
    }

    @Test
    void handlerThatEndsItsProcessEndsWorkersAndTheFormerCodeServes() throws Exception {
        handlers.processEnds();
    }
}
