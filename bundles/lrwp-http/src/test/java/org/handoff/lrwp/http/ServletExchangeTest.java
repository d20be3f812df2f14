package org.handoff.lrwp.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.servlet.ServletOutputStream;
import javax.servlet.WriteListener;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.testkit.Fake;
import org.junit.jupiter.api.Test;

/** What requests in the web container take of the memory for all clients. The loop is the test's own thread. */
class ServletExchangeTest {

    private static final int MEMORY = 1 << 20;
    private static final int PIECE = 64 * 1024;

    private final MemoryBudget memory = new MemoryBudget(MEMORY);
    private final List<Told> all = new ArrayList<>();
    private int cut;

    /** A response and what it has told its listener. */
    private final class Told implements StreamedResponse.Listener {

        final ServletExchange exchange = new ServletExchange(Runnable::run, memory, () -> cut++, false, false);
        boolean full;
        boolean gone;

        Told() {
            exchange.listener(this);
            exchange.begin(200, "", List.of(), 100 * PIECE);
            all.add(this);
        }

        void writeWhileThereIsRoom() {
            while (!full && !gone) {
                ByteBuf piece = Unpooled.buffer(PIECE).writeZero(PIECE);
                full = !exchange.write(piece);
            }
        }

        @Override
        public void room() {
            full = false;
        }

        @Override
        public void gone() {
            gone = true;
        }
    }

    @Test
    void responsesThatNobodyTakesAreBoundedTogether() {
        for (int i = 0; i < 50; i++) {
            new Told().writeWhileThereIsRoom();
            assertTrue(memory.used() <= MEMORY, memory.used() + " bytes");
        }
        assertTrue(cut > 0, "some have no room at all");
        assertEquals(cut, all.stream().filter(told -> told.gone).count());
        for (Told told : all) {
            assertThrows(IOException.class, () -> told.exchange.answer(response(new Refusing())));
        }
        assertEquals(0, memory.used());
    }

    @Test
    void responseThatIsTakenGivesItsMemoryBackAndGoesOn() throws Exception {
        Told told = new Told();
        told.writeWhileThereIsRoom();
        assertTrue(told.full);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        told.exchange.end();
        assertTrue(told.exchange.answer(response(new Taking(taken))));
        assertFalse(told.full, "there is room again");
        assertTrue(taken.size() > PIECE);
        assertEquals(0, memory.used());
        assertEquals(0, cut);
    }

    @Test
    void bodyThatHasNoRoomInMemoryIsInAFile() throws Exception {
        byte[] body = "0123456789".repeat(1000).getBytes();
        List<ContainerRequest> kept = new ArrayList<>();
        for (int i = 0; i < 2 * MEMORY / body.length; i++) {
            ContainerRequest request = new ContainerRequest(request(), memory);
            assertTrue(request.collect(new ByteArrayInputStream(body)));
            kept.add(request);
            assertTrue(memory.used() <= MEMORY / 2, memory.used() + " bytes");
        }
        assertTrue(memory.used() > 0);
        for (ContainerRequest request : kept) {
            ByteBuf read = request.read(ByteBufAllocator.DEFAULT, 0, body.length);
            assertEquals(Unpooled.wrappedBuffer(body), read);
            read.release();
            request.close();
            request.close();
        }
        assertEquals(0, memory.used());
    }

    private static HttpServletRequest request() {
        return Fake.of(HttpServletRequest.class, (method, arguments) -> switch (method) {
            case "getMethod" -> "POST";
            case "getRequestURI" -> "/app";
            case "getProtocol" -> "HTTP/1.1";
            case "getScheme" -> "http";
            case "getHeader" -> "h";
            case "getHeaderNames" -> Collections.emptyEnumeration();
            case "getRemoteAddr", "getLocalAddr" -> "127.0.0.1";
            case "getRemotePort", "getLocalPort" -> 1;
            default -> null;
        });
    }

    private static HttpServletResponse response(ServletOutputStream out) {
        return Fake.of(HttpServletResponse.class, (method, arguments) -> method.equals("getOutputStream") ? out : null);
    }

    private abstract static class Output extends ServletOutputStream {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Taking extends Output {

        private final ByteArrayOutputStream taken;

        Taking(ByteArrayOutputStream taken) {
            this.taken = taken;
        }

        @Override
        public void write(int b) {
            taken.write(b);
        }
    }

    /** To a client that has left. */
    private static final class Refusing extends Output {

        @Override
        public void write(int b) throws IOException {
            throw new IOException("the client has gone");
        }
    }
}
