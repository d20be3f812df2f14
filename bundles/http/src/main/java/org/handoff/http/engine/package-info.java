/** The engine, for programs that serve connections by it. */
@Export
@Version("1.0.0")
package org.handoff.http.engine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
