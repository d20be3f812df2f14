/** The shell commands {@code lrwp:*}. */
package org.handoff.lrwp.agent.internal.command;
