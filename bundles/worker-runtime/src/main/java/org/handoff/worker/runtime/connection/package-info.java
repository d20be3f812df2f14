/** Connections in this worker, and the link to the monitor from which they come and to which they go. */
package org.handoff.worker.runtime.connection;
