/** The control socket between the monitor and a worker, and the kernel's counts of a client's connection. */
@Export
@Version("1.0.0")
package org.handoff.socket;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
