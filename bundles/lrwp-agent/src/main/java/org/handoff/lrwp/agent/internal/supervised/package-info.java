/** The processes that the agent has started for pools. Knows peers and contexts by interfaces. */
package org.handoff.lrwp.agent.internal.supervised;
