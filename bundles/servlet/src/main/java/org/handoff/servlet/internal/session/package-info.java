/** The sessions of servlets, and what keeps them while workers come and go. */
package org.handoff.servlet.internal.session;
