/** HTTP without an engine: the head of a request, and the server's own error pages. */
@Export
@Version("1.0.0")
package org.handoff.http.message;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
