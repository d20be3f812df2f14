package org.handoff.itests.handlers.library;

/** A service whose interface is one bundle's and whose implementation is another's. */
public interface Words {

    String greeting();
}
