/** Connections: what they do next, and how they end. */
package org.handoff.http.internal.connection;
