/** What the files of a bundle say of its handlers, whether or not the bundle runs. */
package org.handoff.worker.pool.internal.description;
