/**
 * LRWP 1.0 and 2.0 on the wire, and nothing about who is connected: startup strings, refusals, the environment block,
 * sizes, and the CGI responses of peers. Knows no container and no sockets.
 */
package org.handoff.lrwp.agent.protocol;
