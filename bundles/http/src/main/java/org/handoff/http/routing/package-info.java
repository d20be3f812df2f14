/**
 * The rules of routing: the target of a request, and its context. The monitor and the workers use the same code, so
 * that they always decide alike.
 */
@Export
@Version("1.0.0")
package org.handoff.http.routing;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
