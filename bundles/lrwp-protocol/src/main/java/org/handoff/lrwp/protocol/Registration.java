package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/** A peer's end of its startup: sends the startup string, answers a challenge, and reads the agent's decision. */
public final class Registration {

    private static final int MAX_WORD = 256;
    private static final int MAX_CHALLENGE = 1 << 16;

    /** The bytes from the agent. */
    @FunctionalInterface
    public interface Input {

        /** The next byte, for which it waits; -1 at the end. */
        int read() throws IOException;
    }

    /** The bytes to the agent. */
    @FunctionalInterface
    public interface Output {

        /** Sends all of it now. */
        void write(byte[] bytes) throws IOException;
    }

    private final Input in;
    private final Output out;

    /** A new connection to an agent. */
    public Registration(Input in, Output out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Registers; requests follow then.
     *
     * @param startup of version 2 or later
     * @param password empty for none
     * @throws IOException if the agent refuses it, with the agent's text, or the other end is no agent
     */
    public void register(Startup startup, String password) throws IOException {
        out.write(startup.bytes());
        String reply = word();
        if (reply.equals(Words.CHALLENGE)) {
            answerChallenge(password);
            reply = word();
        }
        if (reply.equals(Words.REJECTED)) {
            throw new IOException("refused: " + word());
        }
        if (!reply.equals(Words.OK)) {
            throw new IOException("not an LRWP agent: it says \"" + reply + '"');
        }
    }

    private void answerChallenge(String password) throws IOException {
        int length = Size.parse(bytes(Size.DIGITS));
        if (password.isEmpty()) {
            throw new IOException("the agent asks for a password");
        }
        if (length > MAX_CHALLENGE) {
            throw new IOException("not an LRWP agent: its challenge has " + length + " bytes");
        }
        byte[] answer = Challenge.answer(bytes(length), password);
        byte[] reply = new byte[Size.DIGITS + length];
        System.arraycopy(Size.of(length), 0, reply, 0, Size.DIGITS);
        System.arraycopy(answer, 0, reply, Size.DIGITS, length);
        out.write(reply);
    }

    private String word() throws IOException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (byte b = next(); b != Words.SEPARATOR; b = next()) {
            word.write(b);
            if (word.size() > MAX_WORD) {
                throw new IOException("not an LRWP agent, or one that wants TLS");
            }
        }
        return word.toString(ISO_8859_1);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = next();
        }
        return bytes;
    }

    private byte next() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException("the agent has closed the connection");
        }
        return (byte) b;
    }
}
