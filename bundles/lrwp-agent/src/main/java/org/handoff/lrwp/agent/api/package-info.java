/** The LRWP agent as its fronts see it. */
@Export
@Version("1.0.0")
package org.handoff.lrwp.agent.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
