/** A request as it arrives, and as handlers see it. */
package org.handoff.http.internal.request;
