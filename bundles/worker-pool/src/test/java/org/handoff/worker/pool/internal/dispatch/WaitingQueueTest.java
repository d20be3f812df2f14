package org.handoff.worker.pool.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.pool.internal.worker.TestConnection;
import org.junit.jupiter.api.Test;

class WaitingQueueTest {

    private final WaitingQueue queue = new WaitingQueue();
    private final TestConnection first = new TestConnection();
    private final TestConnection second = new TestConnection();
    private final TestConnection third = new TestConnection();

    @Test
    void connectionsLeaveInTheirOrderUntilOneIsNotTaken() {
        queue.add(first, false, 9, 60);
        queue.add(second, false, 9, 60);
        queue.add(third, false, 9, 60);
        assertEquals(List.of(first), taken(1));
        assertEquals(List.of(second, third), taken(9));
        assertEquals(List.of(), taken(9));
    }

    @Test
    void whoIsNotTakenHoldsUpOthersOfItsContextOnlyWhereTheyAreApart() {
        TestConnection fourth = new TestConnection();
        first.context = new RoutedContext("/rare", "");
        third.context = first.context;
        List.of(first, second, third, fourth).forEach(one -> queue.add(one, false, 9, 60));
        List<Connection> offered = new ArrayList<>();
        WaitingQueue.Taker taker = (connection, again) -> {
            offered.add(connection);
            return connection.context() == null;
        };
        queue.offer(taker, false);
        assertEquals(List.of(first), offered);
        queue.offer(taker, true);
        assertEquals(List.of(first, first, second, fourth), offered);
        assertEquals(List.of(first, third), taken(9));
    }

    @Test
    void whoComesToAFullQueueIsAnswered503() {
        queue.add(first, false, 1, 60);
        queue.add(second, false, 1, 60);
        assertEquals(0, first.answered);
        assertEquals(503, second.answered);
        queue.add(third, false, 0, 60);
        assertEquals(503, third.answered);
        assertEquals(List.of(first), taken(9));
    }

    @Test
    void whoHasGoneHoldsNoPlaceAndIsNotOffered() {
        queue.add(first, false, 1, 60);
        first.open = false;
        queue.add(second, false, 1, 60);
        assertEquals(0, second.answered);
        second.open = false;
        assertEquals(List.of(), taken(9));
        assertEquals(0, first.answered + second.answered);
    }

    @Test
    void whoWaitsTooLongIsAnswered503AndOthersWaitOn() {
        queue.add(first, false, 9, 0);
        queue.add(second, false, 9, 60);
        queue.sweep();
        assertEquals(503, first.answered);
        assertEquals(0, second.answered);
        assertEquals(List.of(second), taken(9));
    }

    @Test
    void whoMayWaitLessLongThanThoseBeforeIsAnswered503InTime() {
        queue.add(first, false, 9, 60);
        queue.add(second, false, 9, 0);
        queue.sweep();
        assertEquals(503, second.answered);
        assertEquals(List.of(first), taken(9));
    }

    @Test
    void whoCannotBeTakenAtAllIsAnswered503AndHoldsUpNobody() {
        queue.add(first, false, 9, 60);
        queue.add(second, false, 9, 60);
        List<Connection> taken = new ArrayList<>();
        queue.offer(
                (connection, again) -> {
                    if (connection == first) {
                        throw new IllegalArgumentException("thrown by the test");
                    }
                    return taken.add(connection);
                },
                false);
        assertEquals(503, first.answered);
        assertEquals(List.of(second), taken);
        assertEquals(0, queue.size());
    }

    @Test
    void clearingAnswersAll() {
        queue.add(first, false, 9, 60);
        queue.add(second, false, 9, 60);
        queue.clear();
        assertEquals(503, first.answered);
        assertEquals(503, second.answered);
        assertEquals(List.of(), taken(9));
    }

    private List<Connection> taken(int most) {
        List<Connection> taken = new ArrayList<>();
        queue.offer((connection, again) -> taken.size() < most && taken.add(connection), false);
        return taken;
    }
}
