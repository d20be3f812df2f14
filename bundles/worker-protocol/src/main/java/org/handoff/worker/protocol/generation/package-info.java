/** The generation file of Java workers, and the files that it names: docs/worker-protocol.md. */
@Export
@Version("1.0.0")
package org.handoff.worker.protocol.generation;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
