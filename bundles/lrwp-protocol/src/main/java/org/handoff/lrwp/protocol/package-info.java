/**
 * LRWP 1.0 to 2.1 on the wire, for both ends: startup strings and the answers to them, the environment block, sizes,
 * and the CGI responses of peers. Independent of sockets and connections.
 */
@Export
@Version("1.0.0")
package org.handoff.lrwp.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
