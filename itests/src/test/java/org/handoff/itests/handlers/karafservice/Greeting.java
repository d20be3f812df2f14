package org.handoff.itests.handlers.karafservice;

/** A service that is there in Karaf only. */
public interface Greeting {

    /** The words. */
    String words();
}
