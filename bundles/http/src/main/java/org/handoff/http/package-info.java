/**
 * An HTTP/1.1 server engine for connections that were accepted elsewhere, and that may be handed on between two
 * responses: {@link org.handoff.http.engine.HttpEngine} serves them on one event loop, and calls handlers on a thread of its
 * user.
 */
@Export
@Version("1.0.0")
package org.handoff.http;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
