/** Log entries of workers as lines of their output: docs/worker-protocol.md, "Log entries". */
@Export
@Version("1.0.0")
package org.handoff.worker.protocol.log;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
