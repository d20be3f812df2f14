/** Limits for clients: their memory, their time, and the lines that they cause in the log. */
@Export
@Version("1.0.0")
package org.handoff.http.limits;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
