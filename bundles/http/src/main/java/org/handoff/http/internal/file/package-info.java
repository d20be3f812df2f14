/** Files without a name, and parts of files. */
package org.handoff.http.internal.file;
