/** What peers serve, who of them gets in, and which of them answers a request. */
package org.handoff.lrwp.agent.internal.application;
