/** A peer's connection: its startup, and its exchanges. Knows nobody who keeps peers, but by an interface. */
package org.handoff.lrwp.agent.internal.peer;
