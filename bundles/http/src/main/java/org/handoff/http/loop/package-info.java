/** Event loops that survive errors and refused system calls, or report them. */
@Export
@Version("1.0.0")
package org.handoff.http.loop;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
