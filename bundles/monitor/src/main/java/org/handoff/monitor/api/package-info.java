/**
 * The way of connections to their targets: a {@link org.handoff.monitor.api.Target} is an OSGi service with a declared
 * context, and the monitor routes each {@link org.handoff.monitor.api.Connection} to one of them.
 */
@Export
@Version("1.0.0")
package org.handoff.monitor.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
