/**
 * The rules of routing: what a request asks for, and which context answers it. The monitor and the workers decide by
 * the same code, so that both always come to the same decision.
 */
@Export
@Version("1.0.0")
package org.handoff.http.routing;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
