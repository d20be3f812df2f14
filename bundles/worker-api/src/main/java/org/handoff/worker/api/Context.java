package org.handoff.worker.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The URL path prefix that a {@link Handler} answers, as the service property {@value #PROPERTY}.
 *
 * <p>A context matches whole path segments: {@code /app} answers {@code /app} and {@code /app/x}, not {@code /apple};
 * {@code /} answers everything that no longer context answers. Of several contexts that match, the longest wins.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Context {

    /** The name of the service property that holds the contexts ({@code String} or {@code String[]}). */
    String PROPERTY = "handoff.context";

    /** Makes {@link #PROPERTY} of this annotation's name (Declarative Services 1.4, section 112.8.2). */
    String PREFIX_ = "handoff.";

    /**
     * The contexts. Each begins with {@code /}, and is written decoded, without a query and without a trailing
     * {@code /} (but for {@code /} itself).
     */
    String[] value();
}
