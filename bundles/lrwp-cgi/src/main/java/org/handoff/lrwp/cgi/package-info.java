/**
 * The CGI wrapper: a process that is an LRWP peer with several connections, and starts a CGI program for each request.
 * Its jar is complete: it needs only the JDK and the protocol, which the jar contains.
 */
package org.handoff.lrwp.cgi;
