/**
 * A request and a response without a server, for the unit tests of handlers:
 *
 * <pre>{@code
 * TestResponse response = new TestResponse();
 * new Hello().handle(TestRequest.get("/hello").build(), response);
 * assertEquals(200, response.status());
 * assertEquals("Hello", response.text());
 * }</pre>
 */
@Export
@Version("1.2.0")
package org.handoff.worker.api.testing;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
