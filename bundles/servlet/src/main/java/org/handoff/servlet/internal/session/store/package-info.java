/** The stores of sessions. */
package org.handoff.servlet.internal.session.store;
