package org.handoff.worker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The frame {@link FrameType#FOREIGN_CONTEXTS}: the contexts of other targets, whose requests are foreign.
 *
 * @param contexts all of them, in place of any former ones
 */
public record ForeignContexts(List<Foreign> contexts) {

    /**
     * A context of another target.
     *
     * @param host the only host it is for; empty for any
     * @param context the URL path prefix
     */
    public record Foreign(String host, String context) {}

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if a line is not a host, a space and a context
     */
    public static ForeignContexts of(Frame frame) throws ProtocolException {
        List<Foreign> contexts = new ArrayList<>();
        for (String line : StandardCharsets.UTF_8
                .decode(frame.payload().duplicate())
                .toString()
                .lines()
                .toList()) {
            int space = line.indexOf(' ');
            if (space < 0) {
                throw new ProtocolException("FOREIGN_CONTEXTS has the line \"" + line
                        + "\"; a host, a space and a context " + "are a line");
            }
            contexts.add(new Foreign(line.substring(0, space), line.substring(space + 1)));
        }
        return new ForeignContexts(contexts);
    }

    /**
     * The frame, with the contexts that it has room for.
     *
     * @param frame the frame
     * @param isWhole whether it holds all contexts; otherwise it leaves out the last ones
     */
    public record Told(Frame frame, boolean isWhole) {}

    /** The frame. */
    public Told told() {
        StringBuilder lines = new StringBuilder();
        contexts.forEach(one ->
                lines.append(one.host()).append(' ').append(one.context()).append('\n'));
        ByteBuffer payload = StandardCharsets.UTF_8.encode(lines.toString());
        boolean whole = payload.remaining() <= Frame.MAX_PAYLOAD;
        if (!whole) {
            int end = Frame.MAX_PAYLOAD;
            while (payload.get(end - 1) != '\n') {
                end--;
            }
            payload.limit(end);
        }
        return new Told(Frame.of(FrameType.FOREIGN_CONTEXTS, payload), whole);
    }
}
