/** A response, from its handler to the kernel. */
package org.handoff.http.internal.response;
