/** Connections in this worker, and the link to the monitor, which hands them off and takes them back. */
package org.handoff.worker.runtime.connection;
