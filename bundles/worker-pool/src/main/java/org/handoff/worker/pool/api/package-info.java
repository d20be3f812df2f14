/**
 * The pool's needs of another bundle, if its workers do not speak the worker protocol: the {@link
 * org.handoff.worker.pool.api.PeerAgent} that starts processes and brings them their requests is an OSGi service.
 */
@Export
@Version("1.0.0")
package org.handoff.worker.pool.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
