package org.handoff.lrwp.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

import org.handoff.http.routing.ContextTable;
import org.junit.jupiter.api.Test;

/** The peers' end, and what the agent's end makes of it. */
class RegistrationTest {

    private static final Startup APP = new Startup(true, false, "app", "example.org");

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private void register(Startup startup, String password, byte[]... replies) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List.of(replies).forEach(all::writeBytes);
        new Registration(new ByteArrayInputStream(all.toByteArray())::read, sent::writeBytes)
                .register(startup, password);
    }

    @Test
    void agentReadsWhatAPeerAsksFor() throws Exception {
        for (Startup startup : List.of(
                APP,
                new Startup(true, true, "caf\u00E9/menu", ""),
                new Startup(true, false, ".php", ""),
                new Startup(true, false, "", "example.org"))) {
            sent.reset();
            register(startup, "", Words.accepted(true));
            ByteBuffer in = ByteBuffer.wrap(sent.toByteArray());
            assertEquals(startup, new StartupParser(ContextTable::validContext).read(in));
            assertEquals(0, in.remaining());
        }
    }

    @Test
    void agentAcceptsTheRightPasswordAlone() throws Exception {
        Challenge challenge = new Challenge("secret");
        register(APP, "secret", challenge.bytes(), Words.accepted(true));
        int start = APP.bytes().length;
        ByteBuffer reply = ByteBuffer.wrap(sent.toByteArray(), start, sent.size() - start);
        assertEquals(Challenge.REPLY_LENGTH, reply.remaining());
        assertEquals(true, challenge.check(reply.duplicate()));
        assertEquals(false, challenge.check(reply.duplicate().limit(reply.limit() - 1)));
        sent.reset();
        register(APP, "Secret", challenge.bytes(), Words.accepted(true));
        ByteBuffer wrong = ByteBuffer.wrap(sent.toByteArray(), start, sent.size() - start);
        assertThrows(RefusedException.class, () -> challenge.check(wrong));
    }

    @Test
    void peerHearsWhyItIsNotLetIn() {
        assertEquals("refused: out of resources", failure("", Refusal.OUT_OF_RESOURCES.answer(true)));
        assertEquals("the agent asks for a password", failure("", new Challenge("secret").bytes()));
        assertEquals("not an LRWP agent: it says \"HELLO\"", failure("", Words.fields("HELLO")));
        assertEquals("not an LRWP agent, or one that wants TLS", failure("", new byte[1000]));
        assertThrows(EOFException.class, () -> register(APP, "", Words.bytes("O")));
    }

    private String failure(String password, byte[] reply) {
        return assertThrows(IOException.class, () -> register(APP, password, reply))
                .getMessage();
    }

    @Test
    void environmentIsReadAsItWasWritten() {
        byte[] block = new Environment()
                .put("PATH_INFO", "/caf\u00C3\u00A9")
                .put("QUERY_STRING", "a=b=c")
                .put("EMPTY", "")
                .toBytes();
        assertEquals(
                Map.of("PATH_INFO", "/caf\u00C3\u00A9", "QUERY_STRING", "a=b=c", "EMPTY", ""),
                Environment.parse(block));
        assertArrayEquals("A=b\0\0".getBytes(), new Environment().put("A", "b").toBytes());
    }
}
