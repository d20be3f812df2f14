/** The agent behind the monitor's port. */
package org.handoff.lrwp.agent.internal.front;
