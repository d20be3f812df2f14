/** How configurations are read, for all bundles: values, shares of the heap, and keys that nobody reads. */
@Export
@Version("1.0.0")
package org.handoff.http.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
