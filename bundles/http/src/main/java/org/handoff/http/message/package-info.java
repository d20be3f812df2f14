/** What is read and written of HTTP without an engine: the head of a request, and the answer of a server for itself. */
@Export
@Version("1.0.0")
package org.handoff.http.message;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
