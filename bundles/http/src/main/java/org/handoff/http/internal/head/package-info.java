/** The heads of requests and responses, and their form on the wire. */
package org.handoff.http.internal.head;
