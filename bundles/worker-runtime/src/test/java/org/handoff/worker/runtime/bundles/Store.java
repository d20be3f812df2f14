package org.handoff.worker.runtime.bundles;

/** A service that a handler needs. */
public interface Store {}
