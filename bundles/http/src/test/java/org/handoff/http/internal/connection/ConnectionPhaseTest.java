package org.handoff.http.internal.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import org.handoff.http.HttpConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionPhaseTest {

    private static final class Owner implements HttpConnection.Owner {

        private final List<HttpConnection.State> states = new ArrayList<>();

        @Override
        public void state(HttpConnection.State state) {
            states.add(state);
        }

        @Override
        public void released(ByteBuf unread, long inFile, HttpConnection.Reason reason) {
            throw new AssertionError();
        }

        @Override
        public void closed() {
            throw new AssertionError();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "GONE", mode = EnumSource.Mode.EXCLUDE)
    void aConnectionMayBeGoneAtAnyTimeAndNeverComesBack(ConnectionPhase phase) {
        assertTrue(phase.mayBecome(ConnectionPhase.GONE));
        assertFalse(ConnectionPhase.GONE.mayBecome(phase));
        assertFalse(phase.mayBecome(ConnectionPhase.NEW));
    }

    @Test
    void noConnectionIsGivenAwayWhileItsResponseIsWritten() {
        assertFalse(ConnectionPhase.ANSWERING.mayBecome(ConnectionPhase.LEAVING));
        assertFalse(ConnectionPhase.LINGERING.mayBecome(ConnectionPhase.LEAVING));
    }

    @Test
    void anOwnerIsToldOfEachChangeThatItKnows() {
        Owner owner = new Owner();
        ConnectionState state = new ConnectionState(owner);
        for (ConnectionPhase next : List.of(
                ConnectionPhase.IDLE,
                ConnectionPhase.READING_HEAD,
                ConnectionPhase.READING_BODY,
                ConnectionPhase.HANDLING,
                ConnectionPhase.ANSWERING,
                ConnectionPhase.LINGERING,
                ConnectionPhase.GONE)) {
            state.move(next);
        }
        assertEquals(
                List.of(HttpConnection.State.READING, HttpConnection.State.HANDLING, HttpConnection.State.ANSWERING),
                owner.states);
        assertThrows(IllegalStateException.class, () -> state.move(ConnectionPhase.IDLE));
    }
}
