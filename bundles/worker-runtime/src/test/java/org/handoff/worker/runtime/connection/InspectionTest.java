package org.handoff.worker.runtime.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;
import org.junit.jupiter.api.Test;

class InspectionTest {

    @Test
    void contentsThatCannotBeToldAreAnAnswerToo() throws Exception {
        CompletableFuture<List<Frame>> answered = new CompletableFuture<>();
        new Inspection(subject -> {
                    throw new IllegalStateException("no " + subject);
                })
                .ask(Inspect.Subject.SERVICES, answered::complete);
        Inspected table = new Inspected();
        for (Frame frame : answered.get(30, TimeUnit.SECONDS)) {
            table.add(frame);
        }
        assertEquals(
                List.of(List.of("This cannot be told now: java.lang.IllegalStateException: no SERVICES")),
                table.rows());
    }
}
