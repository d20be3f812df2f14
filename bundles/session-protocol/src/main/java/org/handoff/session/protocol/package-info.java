/** The frames between a worker and the store of its sessions, for both ends. Independent of sockets and connections. */
@Export
@Version("1.0.0")
package org.handoff.session.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
