/** The products of the shop. */
@Export
@Version("1.0.0")
package org.handoff.examples.shop.catalog;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
