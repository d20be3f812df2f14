/** The Java side of docs/worker-protocol.md, which gives the reasons; used by the pool and by the worker runtime. */
@Export
@Version("1.0.0")
package org.handoff.worker.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
