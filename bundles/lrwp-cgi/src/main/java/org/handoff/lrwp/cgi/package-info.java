/**
 * The CGI wrapper: a process that is an LRWP peer with several connections, and starts a CGI program for each request.
 * Needs nothing but the JDK, as it is started with this jar alone.
 */
package org.handoff.lrwp.cgi;
