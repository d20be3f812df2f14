package org.handoff.worker.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The only host whose requests a {@link Handler} answers, as the service property {@value #PROPERTY}. Without it a
 * handler answers for any host; a context for the request's host beats one for any host.
 *
 * <pre>{@code
 * @Component
 * @HandoffContext("/")
 * @Host("www.example.org")
 * public class Site implements Handler { ... }
 * }</pre>
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Host {

    /** The name of the service property that holds the host. */
    String PROPERTY = "handoff.host";

    /** Makes {@link #PROPERTY} of this annotation's name. */
    String PREFIX_ = "handoff.";

    /** The host name, without a port; letter case does not matter. */
    String value();
}
