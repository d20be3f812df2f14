package org.handoff.itests.handlers.counting;

import java.io.Serializable;

/** The number of a session's requests, in an attribute of a class of the bundle. */
final class Counted implements Serializable {

    private static final long serialVersionUID = 1;

    int requests;
}
