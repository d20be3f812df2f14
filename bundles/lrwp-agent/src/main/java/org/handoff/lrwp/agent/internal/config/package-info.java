/** The agent's configuration, checked. */
package org.handoff.lrwp.agent.internal.config;
