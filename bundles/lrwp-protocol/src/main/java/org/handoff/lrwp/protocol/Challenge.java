package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * The proof that a peer knows its application's password: it returns random bytes, each XORed with one of the password.
 * An eavesdropper learns the password by that; LRWP 2.0 has no other way, and TLS is the real protection.
 */
public final class Challenge {

    private static final int LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The longest reply, in bytes. */
    public static final int REPLY_LENGTH = Size.DIGITS + LENGTH;

    private final byte[] bytes = new byte[LENGTH];
    private final byte[] expected;

    /** @param password the password; not empty */
    public Challenge(String password) {
        RANDOM.nextBytes(bytes);
        expected = answer(bytes, password);
    }

    /** The peer's reply to a challenge. */
    static byte[] answer(byte[] challenge, String password) {
        byte[] key = password.getBytes(UTF_8);
        byte[] answer = new byte[challenge.length];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = (byte) (challenge[i] ^ key[i % key.length]);
        }
        return answer;
    }

    /** The challenge in its form on the wire. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Words.fields(Words.CHALLENGE));
        out.writeBytes(Size.of(LENGTH));
        out.writeBytes(bytes);
        return out.toByteArray();
    }

    /**
     * Checks the peer's reply.
     *
     * @param in the received part of it, {@link #REPLY_LENGTH} at most
     * @return false if it is not complete
     * @throws RefusedException if it is wrong
     */
    public boolean check(ByteBuffer in) throws RefusedException {
        if (in.remaining() < Size.DIGITS) {
            return false;
        }
        try {
            if (Size.read(in) != LENGTH) {
                throw new RefusedException(Refusal.UNAUTHORIZED);
            }
        } catch (ProtocolException e) {
            throw new RefusedException(Refusal.UNAUTHORIZED);
        }
        if (in.remaining() < LENGTH) {
            return false;
        }
        byte[] reply = new byte[LENGTH];
        in.get(reply);
        if (!MessageDigest.isEqual(reply, expected)) {
            throw new RefusedException(Refusal.UNAUTHORIZED);
        }
        return true;
    }
}
