/** The shell commands {@code session:*}. */
package org.handoff.session.store.internal.command;
