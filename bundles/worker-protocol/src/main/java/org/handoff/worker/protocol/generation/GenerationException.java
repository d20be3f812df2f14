package org.handoff.worker.protocol.generation;

/** A generation file that cannot be used. The message names the file, the key and the value. */
public final class GenerationException extends Exception {

    private static final long serialVersionUID = 1L;

    GenerationException(String message, Throwable cause) {
        super(message, cause);
    }
}
