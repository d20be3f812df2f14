/**
 * The program inside a Java worker process: an embedded OSGi framework with the handlers' bundles, the HTTP engine, and
 * the worker's side of the worker protocol.
 */
package org.handoff.worker.runtime;
