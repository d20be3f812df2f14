package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.http.context.ServletContextHelper;

/**
 * Lets services come, change and go within one request, and answers what the Whiteboard makes of them. They are services
 * of the system bundle, so that a pool takes them for none of its application.
 */
final class ScenarioServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private static final String PATTERN = "servlet.pattern";
    private static final String SELECT = "context.select";
    private static final String USED = "used in default";
    private static final String NO_CONTEXT = "failed 1";
    private static final String SHADOWED = "failed 3";
    private static final String INIT_FAILED = "failed 4";
    private static final String NOT_GETTABLE = "failed 5";
    private static final String INVALID = "failed 6";

    private final transient BundleContext context;
    private final transient UsedServices used;
    /** Those of the present request. */
    private final transient List<ServiceRegistration<?>> registrations = new ArrayList<>();

    private final transient List<String> answers = new CopyOnWriteArrayList<>();

    ScenarioServlet(BundleContext own) {
        context = own.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
        used = new UsedServices(own);
    }

    @Override
    protected synchronized void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            scenario(request.getPathInfo().substring(1));
        } catch (OtherwiseException e) {
            // The answer says what it was.
        } finally {
            registrations.forEach(one -> {
                try {
                    one.unregister();
                } catch (IllegalStateException e) {
                    // The scenario has done it.
                }
            });
            registrations.clear();
            response.getWriter().print(String.join(", ", answers));
            answers.clear();
        }
    }

    private void scenario(String name) {
        switch (name) {
            case "servlet" -> {
                ServiceRegistration<?> one = add(Servlet.class, new Told(answers), PATTERN, "/dynamic");
                used.await(one.getReference(), USED);
                remove(one, "destroy");
            }
            case "changed-servlet" -> {
                ServiceRegistration<?> one = add(Servlet.class, new Told(answers), PATTERN, "/dynamic");
                used.await(one.getReference(), USED);
                one.setProperties(Registrar.properties(PATTERN, "/dynamic-changed"));
                UsedServices.await(() -> String.join(" ", answers), "init destroy init");
                remove(one, "destroy");
            }
            case "factory" -> {
                ServiceRegistration<?> one = add(Servlet.class, new Told.Factory(answers), PATTERN, "/dynamic");
                used.await(one.getReference(), USED);
                remove(one, "unget");
            }
            case "init-fails" -> {
                is(add(Servlet.class, new Told.Failing(), PATTERN, "/dynamic"), INIT_FAILED);
                is(add(Servlet.class, Says.text("a"), PATTERN, "/dynamic"), USED);
            }
            case "filter-init-fails" ->
                is(
                        add(javax.servlet.Filter.class, new Told.FailingFilter(), "filter.pattern", "/dynamic"),
                        INIT_FAILED);
            case "destroy-fails" -> {
                ServiceRegistration<?> one = add(Servlet.class, new Told.FailingAtEnd(), PATTERN, "/dynamic");
                is(one, USED);
                one.unregister();
                is(add(Servlet.class, Says.text("a"), PATTERN, "/dynamic"), USED);
            }
            case "filter" -> {
                ServiceRegistration<?> one =
                        add(javax.servlet.Filter.class, new Told.OfFilter(answers), "filter.pattern", "/dynamic");
                used.await(one.getReference(), USED);
                remove(one, "destroy");
            }
            case "listener" -> {
                ServiceRegistration<?> one = add(
                        javax.servlet.ServletContextListener.class, new Told.OfContext(answers), "listener", "true");
                used.await(one.getReference(), USED);
                one.setProperties(Registrar.properties("other", "true"));
                UsedServices.await(() -> String.join(" ", answers), "initialized destroyed");
            }
            case "invalid-servlets" -> {
                is(add(Servlet.class, Says.text("a"), PATTERN, 24), INVALID);
                is(add(Servlet.class, Says.text("a"), PATTERN, "no/slash"), INVALID);
            }
            case "invalid-filter" ->
                is(add(javax.servlet.Filter.class, new Around("a"), "filter.pattern", 678), INVALID);
            case "invalid-resources" -> {
                is(add(Object.class, new Object(), "resource.pattern", 34L, "resource.prefix", "/a"), INVALID);
                is(add(Object.class, new Object(), "resource.pattern", "/dynamic/*", "resource.prefix", 45), INVALID);
                is(
                        add(
                                Object.class,
                                new Object(),
                                "resource.pattern",
                                "/dynamic/*",
                                "resource.prefix",
                                new String[] {"/a", "/b"}),
                        INVALID);
            }
            case "incomplete-resources" -> {
                is(add(Object.class, new Object(), "resource.pattern", "/dynamic/*"), UsedServices.IGNORED);
                is(add(Object.class, new Object(), "resource.prefix", "/"), UsedServices.IGNORED);
            }
            case "invalid-listeners" -> {
                for (Object value : new Object[] {4567, "blah"}) {
                    is(
                            add(
                                    javax.servlet.ServletContextListener.class,
                                    new Told.OfContext(new ArrayList<>()),
                                    "listener",
                                    value),
                            INVALID);
                }
            }
            case "invalid-contexts" -> {
                invalid("context.name", 34, "context.path", "/dynamic");
                invalid("context.name", "a name", "context.path", "/dynamic");
                invalid("context.name", "dynamic", "context.path", "no/slash");
                invalid("context.name", "dynamic");
                invalid("context.path", "/dynamic");
            }
            case "no-context" -> {
                ServiceRegistration<?> one = add(
                        Servlet.class,
                        Says.text("a"),
                        PATTERN,
                        "/a",
                        SELECT,
                        "(osgi.http.whiteboard.context.name=dynamic)");
                is(one, NO_CONTEXT);
                ServiceRegistration<?> its = context("dynamic");
                is(one, "used in dynamic");
                its.unregister();
                is(one, NO_CONTEXT);
            }
            case "same-context" -> {
                ServiceRegistration<?> first = context("dynamic");
                ServiceRegistration<?> second = context("dynamic");
                is(first, "context dynamic");
                is(second, SHADOWED);
                first.unregister();
                is(second, "context dynamic");
            }
            case "default-context" -> {
                ServiceRegistration<?> one = add(Servlet.class, Says.text("a"), PATTERN, "/dynamic");
                is(one, USED);
                ServiceRegistration<?> own = add(
                        ServletContextHelper.class,
                        new ServletContextHelper() {},
                        "context.name",
                        "default",
                        "context.path",
                        "/",
                        "service.ranking",
                        1);
                is(own, "context default");
                own.unregister();
                is(one, USED);
            }
            case "target" -> {
                ServiceRegistration<?> one =
                        add(Servlet.class, Says.text("a"), PATTERN, "/dynamic", "target", "(some=other)");
                is(one, UsedServices.IGNORED);
                one.setProperties(Registrar.properties(PATTERN, "/dynamic", "target", "(osgi.http.endpoint=*)"));
                is(one, USED);
            }
            case "shadowed" -> {
                ServiceRegistration<?> first = add(Servlet.class, Says.text("a"), PATTERN, "/a", "servlet.name", "x");
                is(first, USED);
                ServiceRegistration<?> second = add(Servlet.class, Says.text("b"), PATTERN, "/a", "servlet.name", "y");
                is(second, SHADOWED);
                second.setProperties(Registrar.properties(PATTERN, "/a", "servlet.name", "y", "service.ranking", 10));
                is(second, USED);
                is(first, SHADOWED);
            }
            case "not-gettable" ->
                is(add(Servlet.class, new Nothing(), PATTERN, "/dynamic", "servlet.name", "nothing"), NOT_GETTABLE);
            case "kinds" -> {
                is(add(Servlet.class, Says.text("a"), "servlet.name", "only"), USED);
                is(add(Servlet.class, Says.text("a"), "servlet.errorPage", "404"), USED);
                is(add(Servlet.class, Says.text("a"), PATTERN, "/dynamic", "servlet.name", "pattern"), USED);
                is(add(Servlet.class, Says.text("a"), "other", "a"), UsedServices.IGNORED);
            }
            case "http-service" -> {
                String all = "(osgi.http.whiteboard.context.httpservice=*)";
                is(add(Servlet.class, Says.text("a"), PATTERN, "/a", SELECT, all, "servlet.name", "hs"), INVALID);
                is(
                        add(Object.class, new Object(), "resource.pattern", "/a", "resource.prefix", "/", SELECT, all),
                        INVALID);
            }
            case "preprocessor" ->
                is(add(org.osgi.service.http.whiteboard.Preprocessor.class, new Told.Before()), "preprocessor");
            default -> answers.add("no such scenario");
        }
    }

    private void remove(ServiceRegistration<?> one, String last) {
        one.unregister();
        UsedServices.await(() -> answers.isEmpty() ? "" : answers.get(answers.size() - 1), last);
    }

    /** Answers where a service is used; ends the scenario if that is not as specified. */
    private void is(ServiceRegistration<?> one, String expected) {
        String answer = used.await(one.getReference(), expected);
        answers.add(answer);
        if (!answer.equals(expected)) {
            throw new OtherwiseException();
        }
    }

    private static final class OtherwiseException extends RuntimeException {

        private static final long serialVersionUID = 1;
    }

    private void invalid(Object... keysAndValues) {
        is(add(ServletContextHelper.class, new ServletContextHelper() {}, keysAndValues), INVALID);
    }

    private ServiceRegistration<?> context(String name) {
        return add(
                ServletContextHelper.class,
                new ServletContextHelper() {},
                "context.name",
                name,
                "context.path",
                "/" + name);
    }

    private ServiceRegistration<?> add(Class<?> type, Object service, Object... keysAndValues) {
        Hashtable<String, Object> properties = Registrar.properties(keysAndValues);
        properties.putAll(Map.of("test.scenario", true));
        ServiceRegistration<?> added = context.registerService(type.getName(), service, properties);
        registrations.add(added);
        return added;
    }

    /** A factory that makes nothing. */
    private static final class Nothing implements ServiceFactory<Servlet> {

        @Override
        public Servlet getService(Bundle bundle, ServiceRegistration<Servlet> registration) {
            return null;
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Servlet> registration, Servlet servlet) {
            // There is none.
        }
    }
}
