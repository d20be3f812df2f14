package org.handoff.lrwp.agent.internal.front;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.MemoryBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A response between two loops, whose turns the test decides: nothing is lost, kept or counted twice in between. */
class CrossingResponseTest {

    private static final int MEMORY = 4 * 1024 * 1024;

    /** A loop whose tasks run when the test says so. */
    private static final class Loop implements Executor {

        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        /** One after the other, and those that they add. @return how many */
        int run() {
            int count = 0;
            for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                next.run();
                count++;
            }
            return count;
        }
    }

    /** The client's end, which has as much room as the test says. */
    private final class Received implements StreamedResponse {

        private final List<String> steps = new ArrayList<>();
        private boolean hasRoom = true;
        private Listener listener;

        @Override
        public void listener(Listener told) {
            listener = told;
        }

        @Override
        public void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length) {
            if (reason.equals("refused")) {
                throw new IllegalArgumentException("refused by the test");
            }
            if (reason.equals("broken")) {
                throw new IllegalStateException("broken by the test");
            }
            steps.add("begin " + status);
        }

        @Override
        public boolean write(ByteBuf data) {
            steps.add(data.readableBytes() < 10 ? data.toString(US_ASCII) : data.readableBytes() + " bytes");
            data.release();
            return hasRoom;
        }

        @Override
        public void end() {
            steps.add("end");
        }

        @Override
        public void fail(int status) {
            steps.add("fail " + status);
        }

        @Override
        public void unavailable(int retrySeconds) {
            steps.add("unavailable " + retrySeconds);
        }
    }

    private static final class Heard implements StreamedResponse.Listener {

        private final List<String> events = new ArrayList<>();

        @Override
        public void room() {
            events.add("room");
        }

        @Override
        public void gone() {
            events.add("gone");
        }

        @Override
        public void inputEnded() {
            events.add("input ended");
        }
    }

    private final Loop client = new Loop();
    private final Loop agent = new Loop();
    private final MemoryBudget memory = new MemoryBudget(MEMORY);
    private final Received received = new Received();
    private final Heard heard = new Heard();
    private final List<ByteBuf> pieces = new ArrayList<>();
    private final CrossingResponse crossing = new CrossingResponse(received, client, agent, memory, new Complaint());

    {
        crossing.listener(heard);
    }

    @AfterEach
    void nothingIsKept() {
        agent.run();
        client.run();
        agent.run();
        assertEquals(0, memory.used());
        pieces.forEach(piece -> assertEquals(0, piece.refCnt()));
    }

    private ByteBuf piece(int bytes) {
        ByteBuf piece = Unpooled.buffer(bytes).writeZero(bytes);
        pieces.add(piece);
        return piece;
    }

    private ByteBuf piece(String text) {
        ByteBuf piece = Unpooled.copiedBuffer(text, US_ASCII);
        pieces.add(piece);
        return piece;
    }

    @Test
    void shortResponseCrossesOnceAndNothingComesBack() {
        crossing.begin(200, "", List.of(), 5);
        assertTrue(crossing.write(piece("short")));
        crossing.end();
        agent.run();
        assertEquals(1, client.run());
        assertEquals(List.of("begin 200", "short", "end"), received.steps);
        assertEquals(0, agent.run());
    }

    @Test
    void partOfAResponseCrossesAtTheEndOfItsTurn() {
        crossing.begin(200, "", List.of(), -1);
        crossing.write(piece("a"));
        agent.run();
        assertEquals(1, client.run());
        crossing.write(piece("b"));
        agent.run();
        client.run();
        assertEquals(List.of("begin 200", "a", "b"), received.steps);
        crossing.end();
    }

    @Test
    void peerWaitsWhileTooMuchIsUnderway() {
        crossing.begin(200, "", List.of(), -1);
        int count = 0;
        while (crossing.write(piece(64 * 1024))) {
            count++;
        }
        assertEquals(CrossingResponse.MOST_UNDERWAY / (64 * 1024), count);
        agent.run();
        assertEquals(List.of(), heard.events);
        client.run();
        agent.run();
        assertEquals(List.of("room"), heard.events);
        assertTrue(crossing.write(piece(64 * 1024)));
        crossing.end();
    }

    @Test
    void peerWaitsWhileTheClientHasNoRoomAndTheEndWaitsToo() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        assertTrue(crossing.write(piece("a")));
        assertTrue(crossing.write(piece("b")));
        while (crossing.write(piece(64 * 1024))) {
            agent.run();
            client.run();
        }
        crossing.end();
        agent.run();
        client.run();
        assertEquals(List.of("begin 200", "a"), received.steps);
        assertEquals(List.of(), heard.events);
        received.listener.room();
        assertEquals(List.of("begin 200", "a", "b"), received.steps);
        received.hasRoom = true;
        received.listener.room();
        assertEquals("end", received.steps.get(received.steps.size() - 1));
        assertEquals(3 + pieces.size() - 2 + 1, received.steps.size());
    }

    @Test
    void peerGoesOnOnceTheClientHasRoomAgain() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        while (crossing.write(piece(64 * 1024))) {
            agent.run();
            client.run();
        }
        agent.run();
        client.run();
        agent.run();
        assertEquals(List.of(), heard.events);
        received.hasRoom = true;
        received.listener.room();
        agent.run();
        assertEquals(List.of("room"), heard.events);
        crossing.end();
    }

    @Test
    void peerWaitsWhereThereIsNoMemoryAndGoesOnWhenItsBytesAreTaken() {
        memory.take(MEMORY / 2);
        crossing.begin(200, "", List.of(), -1);
        assertFalse(crossing.write(piece("a")));
        agent.run();
        client.run();
        agent.run();
        assertEquals(List.of("room"), heard.events);
        memory.give(MEMORY / 2);
        assertTrue(crossing.write(piece("b")));
        crossing.end();
    }

    /** The client's end has a spool, which takes what finds no memory. */
    @Test
    void clientWithRoomGetsItsResponseThoughAllTogetherUseTooMuch() {
        memory.take(MEMORY / 2);
        memory.charge(MEMORY / 2);
        crossing.begin(200, "", List.of(), -1);
        crossing.write(piece("a"));
        agent.run();
        client.run();
        agent.run();
        crossing.write(piece("b"));
        crossing.end();
        agent.run();
        client.run();
        assertEquals(List.of("begin 200", "a", "b", "end"), received.steps);
        assertEquals(List.of("room"), heard.events);
        memory.discharge(MEMORY / 2);
        memory.give(MEMORY / 2);
    }

    @Test
    void responseToAClientWithoutRoomIsCutIfAllTogetherUseTooMuch() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        crossing.write(piece("a"));
        agent.run();
        client.run();
        memory.take(MEMORY / 2);
        memory.charge(MEMORY / 2);
        crossing.write(piece("b"));
        agent.run();
        client.run();
        agent.run();
        assertEquals(List.of("begin 200", "a", "fail 503"), received.steps);
        assertEquals(List.of("gone"), heard.events);
        memory.discharge(MEMORY / 2);
        memory.give(MEMORY / 2);
    }

    /** Each has an object of its own, and the size before it in the buffer. */
    @Test
    void peerWaitsBeforeTinyPiecesTakeMoreThanTheirBytes() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        int count = 0;
        while (crossing.write(piece("a"))) {
            count++;
            agent.run();
            client.run();
        }
        assertTrue(count <= CrossingResponse.MOST_UNDERWAY / 200, count + " pieces");
        crossing.fail(502);
    }

    @Test
    void failureDoesNotWaitForAClientWithoutRoom() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        crossing.write(piece("a"));
        crossing.write(piece("b"));
        agent.run();
        client.run();
        crossing.write(piece("c"));
        crossing.fail(502);
        client.run();
        assertEquals(List.of("begin 200", "a", "fail 502"), received.steps);
        assertEquals(0, memory.used());
    }

    @Test
    void clientDoesNotWaitForAResponseThatBreaksTheLoopsTask() {
        crossing.begin(200, "broken", List.of(), 1);
        crossing.write(piece("a"));
        crossing.end();
        try {
            client.run();
        } catch (IllegalStateException e) {
            // A loop would log it.
        }
        assertEquals(List.of("fail 500"), received.steps);
    }

    @Test
    void peerHearsOfAResponseThatBreaksTheLoopsTask() {
        crossing.begin(200, "broken", List.of(), -1);
        crossing.write(piece("a"));
        agent.run();
        try {
            client.run();
        } catch (IllegalStateException e) {
            // A loop would log it.
        }
        agent.run();
        assertEquals(List.of("gone"), heard.events);
    }

    @Test
    void whatIsUnderwayIsDroppedWhenTheClientGoes() {
        received.hasRoom = false;
        crossing.begin(200, "", List.of(), -1);
        crossing.write(piece("a"));
        crossing.write(piece("b"));
        agent.run();
        client.run();
        crossing.write(piece("c"));
        received.listener.gone();
        agent.run();
        client.run();
        assertEquals(List.of("gone"), heard.events);
        assertTrue(crossing.write(piece("d")));
        crossing.end();
        agent.run();
        client.run();
        assertEquals(List.of("begin 200", "a"), received.steps);
    }

    @Test
    void clientThatGoesAfterTheEndIsNoNews() {
        crossing.begin(200, "", List.of(), 0);
        crossing.end();
        received.listener.inputEnded();
        received.listener.gone();
        agent.run();
        assertEquals(List.of(), heard.events);
    }

    @Test
    void endOfTheInputIsTold() {
        received.listener.inputEnded();
        agent.run();
        assertEquals(List.of("input ended"), heard.events);
        crossing.unavailable(7);
        client.run();
        assertEquals(List.of("unavailable 7"), received.steps);
    }

    @Test
    void headThatCannotBeSentIsA502() {
        crossing.begin(200, "refused", List.of(), 1);
        crossing.end();
        client.run();
        assertEquals("fail 502", received.steps.get(0));
    }
}
