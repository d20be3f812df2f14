package org.handoff.servlet.internal.response;

import java.io.IOException;
import java.io.OutputStream;

/** Where a servlet's response goes: to the response of its handler, or to one that is given later. */
public interface ResponseSink {

    /** Sets the status. */
    void status(int status);

    /** Adds a header field. */
    void header(String name, String value);

    /** Sends a whole body. */
    void send(byte[] body) throws IOException;

    /** Begins a body of unknown length. */
    OutputStream stream() throws IOException;
}
