package org.handoff.servlet.internal.session.store;

import java.io.IOException;

/** A store that has taken too long to answer: nobody waits for it twice. */
final class StoreSilentException extends IOException {

    private static final long serialVersionUID = 1;

    StoreSilentException(String message) {
        super(message);
    }
}
