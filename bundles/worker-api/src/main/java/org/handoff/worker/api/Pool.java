package org.handoff.worker.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The pool of workers that a {@link Handler} lives in, as the service property {@value #PROPERTY}. Without it that is
 * the pool named {@value #DEFAULT}.
 *
 * <pre>{@code
 * @Component
 * @HandoffContext("/reports")
 * @Pool("reports") // etc/org.handoff.pool-reports.cfg
 * public class Reports implements Handler { ... }
 * }</pre>
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Pool {

    /** The name of the service property that holds the pool's name. */
    String PROPERTY = "handoff.pool";

    /** The pool of the handlers that name none. */
    String DEFAULT = "default";

    /** Makes {@link #PROPERTY} of this annotation's name. */
    String PREFIX_ = "handoff.";

    /** The pool's name: the part behind {@code org.handoff.pool-} of its configuration file's name. */
    String value();
}
