/** A peer's connection: its startup, and its exchanges. Knows its host only by an interface. */
package org.handoff.lrwp.agent.internal.peer;
