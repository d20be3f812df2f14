/**
 * The way of connections to their targets: a {@link org.handoff.monitor.api.TargetGroup} is an OSGi service with targets
 * and their contexts, and the monitor routes each {@link org.handoff.monitor.api.Connection} to one of the targets.
 */
@Export
@Version("1.0.0")
package org.handoff.monitor.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
