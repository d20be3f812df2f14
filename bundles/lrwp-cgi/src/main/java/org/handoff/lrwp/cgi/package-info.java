/**
 * The CGI wrapper: a process that is an LRWP peer with several connections, and starts a CGI program for each request.
 * Needs nothing but the JDK and the protocol, which is in its jar, as it is started with that alone.
 */
package org.handoff.lrwp.cgi;
