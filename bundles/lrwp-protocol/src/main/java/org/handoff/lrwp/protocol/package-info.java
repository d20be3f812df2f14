/**
 * LRWP 1.0 to 2.1 on the wire, for both ends: startup strings and what is answered to them, the environment block, sizes,
 * and the CGI responses of peers. Knows no sockets and nobody who is connected.
 */
@Export
@Version("1.0.0")
package org.handoff.lrwp.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
