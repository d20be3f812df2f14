/** The configuration of the store, checked. */
package org.handoff.session.store.internal.config;
