/** The shell commands {@code worker:*}. */
package org.handoff.worker.pool.internal.command;
