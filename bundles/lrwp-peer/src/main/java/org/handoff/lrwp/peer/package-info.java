/**
 * Serving handlers as LRWP peers: {@link org.handoff.lrwp.peer.LrwpPeer} connects to an agent, in Karaf or in any other
 * JVM.
 */
@Export
@Version("1.0.0")
package org.handoff.lrwp.peer;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
