package org.handoff.worker.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The URL path prefix that a {@link Handler} answers, as the service property {@value #PROPERTY}; and with it, that the
 * handler's component is activated in workers only.
 *
 * <p>A context matches whole path segments: {@code /app} answers {@code /app} and {@code /app/x}, not {@code /apple};
 * {@code /} answers everything that no longer context answers. Of several contexts that match, the longest wins.
 *
 * <pre>{@code
 * @Component
 * @HandoffContext({"/shop", "/cart"})
 * public class Shop implements Handler { ... }
 * }</pre>
 *
 * <p>The component has a satisfying condition (Declarative Services 1.5, section 112.3.13), which workers register and
 * Karaf does not. So Karaf knows the component and runs nothing of it, even if it is {@code immediate}.
 */
// This type's name makes the property's (112.8.2). With PREFIX_ it could be shorter, but the condition's property must
// not have a prefix.
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface HandoffContext {

    /** The name of the service property that holds the contexts ({@code String} or {@code String[]}). */
    String PROPERTY = "handoff.context";

    /** The id of the condition ({@code osgi.condition.id}) that only workers register. */
    String CONDITION = "org.handoff.worker";

    /** The filter that only the condition {@value #CONDITION} matches. */
    String IN_WORKERS = "(osgi.condition.id=" + CONDITION + ")";

    /**
     * The name of the service property by which a handler that is not made says why: the reason, in one line. A service
     * factory sets it in the worker before it returns no handler.
     */
    String PROBLEM = "handoff.problem";

    /** The name of the service property with the component that is missing there, of {@link #PROBLEM_BUNDLE}. */
    String PROBLEM_COMPONENT = "handoff.problem.component";

    /** The name of the service property with the id of that component's bundle. */
    String PROBLEM_BUNDLE = "handoff.problem.bundle";

    /**
     * The contexts. Each begins with {@code /}, and is written decoded, without a query and without a trailing
     * {@code /} (but for {@code /} itself).
     */
    String[] value();

    /** Where the component is activated. There is no need to set it: with another filter, Karaf may activate it too. */
    String osgi_ds_satisfying_condition_target() default IN_WORKERS;
}
