package org.handoff.worker.pool.internal.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.handoff.worker.protocol.Dispatch;
import org.junit.jupiter.api.Test;

/** Whether a worker may be given one more connection. */
class AdmissionTest {

    private final Admission admission = new Admission(Dispatch.ADAPTIVE);

    @Test
    void quickWorkerTakesAnyNumber() {
        admission.taken();
        admission.taken();
        assertTrue(admission.isOpen());
        assertTrue(admission.keepsConnections());
    }

    @Test
    void slowWorkerTakesOneEachTimeItIsFree() {
        admission.slow();
        assertFalse(admission.keepsConnections());
        assertFalse(admission.isOpen());
        admission.freed();
        assertTrue(admission.isOpen());
        admission.taken();
        assertFalse(admission.isOpen());
        admission.quick();
        assertTrue(admission.isOpen());
    }

    @Test
    void workerThatDispatchesByRequestIsNeverQuick() {
        Admission byRequest = new Admission(Dispatch.REQUEST);
        assertTrue(byRequest.isOpen(), "its first one");
        byRequest.taken();
        byRequest.quick();
        assertFalse(byRequest.isOpen());
        assertFalse(byRequest.keepsConnections());
    }

    @Test
    void workerWithoutDescriptorsOrWithALateRequestTakesNone() {
        admission.exhausted(true);
        assertFalse(admission.isOpen());
        admission.exhausted(false);
        admission.late(7);
        assertFalse(admission.isOpen());
        admission.late(0);
        assertTrue(admission.isOpen());
    }
}
