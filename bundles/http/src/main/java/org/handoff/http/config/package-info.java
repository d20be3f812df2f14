/** Reading of configurations, for all bundles: values, shares of the heap, and unknown keys. */
@Export
@Version("1.0.0")
package org.handoff.http.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
