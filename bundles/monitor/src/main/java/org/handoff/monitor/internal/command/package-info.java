/** The shell commands {@code monitor:*}. */
package org.handoff.monitor.internal.command;
