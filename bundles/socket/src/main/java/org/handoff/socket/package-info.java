/** The control socket between the monitor and a worker. */
@Export
@Version("1.0.0")
package org.handoff.socket;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
