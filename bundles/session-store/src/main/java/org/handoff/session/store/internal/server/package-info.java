/** The sockets, and the thread that serves them. */
package org.handoff.session.store.internal.server;
