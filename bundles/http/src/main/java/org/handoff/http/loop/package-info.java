/** Event loops that no error and no refused system call ends unnoticed. */
@Export
@Version("1.0.0")
package org.handoff.http.loop;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
