package org.handoff.lrwp.agent.internal.application;

/** Finds the application of a request. */
public interface Finder {

    /** @return null for none */
    Application find(String host, String path);
}
