package org.handoff.worker.protocol;

import java.nio.charset.StandardCharsets;

/**
 * The frame {@link FrameType#INSPECT}: the worker is to say what its framework contains.
 *
 * @param subject what of it
 */
public record Inspect(Subject subject) {

    /** The parts of a framework, by their words in the frame. */
    public enum Subject {
        /** Each bundle: number, state, name and version, and why it does not run. */
        BUNDLES("bundles"),
        /** Each component of Declarative Services: name, bundle, state, and why it is not satisfied. */
        COMPONENTS("components"),
        /** Each service: types, bundle, and the bundles that use it. */
        SERVICES("services");

        private final String word;

        Subject(String word) {
            this.word = word;
        }
    }

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if its payload is no such word
     */
    public static Inspect of(Frame frame) throws ProtocolException {
        String word = StandardCharsets.UTF_8.decode(frame.payload().duplicate()).toString();
        for (Subject subject : Subject.values()) {
            if (subject.word.equals(word)) {
                return new Inspect(subject);
            }
        }
        throw new ProtocolException(frame + " does not say what to inspect");
    }

    /** The frame. */
    public Frame frame() {
        return Frame.of(FrameType.INSPECT, StandardCharsets.UTF_8.encode(subject.word));
    }
}
