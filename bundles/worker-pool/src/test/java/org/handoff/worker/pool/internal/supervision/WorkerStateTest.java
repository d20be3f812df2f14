package org.handoff.worker.pool.internal.supervision;

import static org.handoff.worker.pool.internal.supervision.WorkerState.EXITED;
import static org.handoff.worker.pool.internal.supervision.WorkerState.OFF;
import static org.handoff.worker.pool.internal.supervision.WorkerState.ON;
import static org.handoff.worker.pool.internal.supervision.WorkerState.RETIRING;
import static org.handoff.worker.pool.internal.supervision.WorkerState.STARTING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

/** Which states of a worker follow which. */
class WorkerStateTest {

    @Test
    void eachStateLeadsToTheOnesThatFollow() {
        assertEquals(EnumSet.of(ON, RETIRING, EXITED), after(STARTING));
        assertEquals(EnumSet.of(OFF, RETIRING, EXITED), after(ON));
        assertEquals(EnumSet.of(ON, RETIRING, EXITED), after(OFF));
        assertEquals(EnumSet.of(EXITED), after(RETIRING));
        assertEquals(Set.of(), after(EXITED));
    }

    private static Set<WorkerState> after(WorkerState state) {
        return Arrays.stream(WorkerState.values()).filter(state::leadsTo).collect(Collectors.toSet());
    }
}
