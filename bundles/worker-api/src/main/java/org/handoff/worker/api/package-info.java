/**
 * The API for handlers: a {@link org.handoff.worker.api.Handler} answers the requests of the {@link
 * org.handoff.worker.api.HandoffContext} it declares, in a worker process.
 */
@Export
@Version("1.2.0")
package org.handoff.worker.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
