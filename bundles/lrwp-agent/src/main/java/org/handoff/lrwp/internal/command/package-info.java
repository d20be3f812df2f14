/** The shell commands {@code lrwp:*}. */
package org.handoff.lrwp.internal.command;
