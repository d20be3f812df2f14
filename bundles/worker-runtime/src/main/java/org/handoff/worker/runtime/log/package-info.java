/** Logging in this worker: every logging API ends in entries on the output, which the pool puts into Karaf's log. */
package org.handoff.worker.runtime.log;
