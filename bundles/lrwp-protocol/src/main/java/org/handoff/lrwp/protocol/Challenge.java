package org.handoff.lrwp.agent.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;

import io.netty.buffer.ByteBuf;

/**
 * The proof that a peer knows its application's password: it returns random bytes, each XORed with one of the password.
 * Whoever listens learns the password by that; it is what LRWP 2.0 has, and TLS is the real protection.
 */
public final class Challenge {

    private static final int LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] WORD = "CHALLENGE\u00FF".getBytes(ISO_8859_1);

    /** The longest reply, in bytes. */
    public static final int REPLY_LENGTH = Size.DIGITS + LENGTH;

    private final byte[] bytes = new byte[LENGTH];
    private final byte[] expected;

    /** @param password the password; not empty */
    public Challenge(String password) {
        RANDOM.nextBytes(bytes);
        expected = answer(bytes, password);
    }

    /** What a peer answers to a challenge. */
    static byte[] answer(byte[] challenge, String password) {
        byte[] key = password.getBytes(UTF_8);
        byte[] answer = new byte[challenge.length];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = (byte) (challenge[i] ^ key[i % key.length]);
        }
        return answer;
    }

    /** Writes the challenge as it is sent. */
    public void write(ByteBuf out) {
        out.writeBytes(WORD).writeBytes(Size.of(LENGTH)).writeBytes(bytes);
    }

    /**
     * Reads the peer's reply.
     *
     * @return false if it has not come completely; then nothing is taken
     * @throws RefusedException if it is not the right one
     */
    public boolean read(ByteBuf in) throws RefusedException {
        if (in.readableBytes() < Size.DIGITS) {
            return false;
        }
        int start = in.readerIndex();
        try {
            if (Size.read(in) != LENGTH) {
                throw new RefusedException(Refusal.UNAUTHORIZED);
            }
        } catch (ProtocolException e) {
            throw new RefusedException(Refusal.UNAUTHORIZED);
        }
        if (in.readableBytes() < LENGTH) {
            in.readerIndex(start);
            return false;
        }
        byte[] reply = new byte[LENGTH];
        in.readBytes(reply);
        if (!MessageDigest.isEqual(reply, expected)) {
            throw new RefusedException(Refusal.UNAUTHORIZED);
        }
        return true;
    }
}
