/** Guards the configurations of etc/ against being read while they are written. */
package org.handoff.monitor.internal.configuration;
