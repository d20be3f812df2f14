/** The handler of a pool with the key {@code files}. */
package org.handoff.worker.runtime.files;
