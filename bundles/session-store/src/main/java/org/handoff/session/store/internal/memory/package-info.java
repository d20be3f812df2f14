/** The sessions themselves, and what bounds them. On one thread. */
package org.handoff.session.store.internal.memory;
