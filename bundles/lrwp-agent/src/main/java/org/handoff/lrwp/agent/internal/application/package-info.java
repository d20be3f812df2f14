/** The contexts of peers, the admission of peers, and the choice of a peer for a request. */
package org.handoff.lrwp.agent.internal.application;
