/** Connections: their next steps, and their ends. */
package org.handoff.http.internal.connection;
