/** Guards the files of etc/ while Karaf starts. */
package org.handoff.etc.guard.internal;
