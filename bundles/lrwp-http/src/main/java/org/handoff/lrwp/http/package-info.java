/** The LRWP agent as a filter of the web container. */
package org.handoff.lrwp.http;
