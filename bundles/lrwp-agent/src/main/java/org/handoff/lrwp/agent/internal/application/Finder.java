package org.handoff.lrwp.agent.internal.application;

/** Says which application a request belongs to. */
public interface Finder {

    /** @return null if it is none of them */
    Application find(String host, String path);
}
