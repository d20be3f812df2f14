/** The bundles of a generation, and the handlers in them. */
package org.handoff.worker.runtime.handler;
