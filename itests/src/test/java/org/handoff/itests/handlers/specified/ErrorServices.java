package org.handoff.itests.handlers.specified;

import javax.servlet.RequestDispatcher;
import javax.servlet.ServletException;

/** Section 140.4.1: error pages. */
final class ErrorServices {

    private static final String PATTERN = "servlet.pattern";
    private static final String NAME = "servlet.name";
    private static final String PAGE = "servlet.errorPage";

    /** A fault that has a page by its super class only. */
    private static final class OwnException extends ServletException {

        private static final long serialVersionUID = 1;
    }

    private ErrorServices() {}

    static void register(Registrar in) {
        in.context("errors");
        fails(in, "errors", "/502", 502);
        fails(in, "errors", "/403", 403);
        fails(in, "errors", "/404", 404);
        fails(in, "errors", "/503", 503);
        fails(in, "errors", "/501", 501);
        in.servlet("errors", throwing(), PATTERN, "/own", NAME, "own");
        in.servlet("errors", runtime(), PATTERN, "/runtime", NAME, "runtime");
        in.servlet("errors", page("502"), PAGE, new String[] {"502", "499"}, NAME, "page 502");
        in.servlet("errors", page("4xx"), PAGE, "4xx", NAME, "page 4xx");
        in.servlet("errors", page("shadowed"), PAGE, "4xx", NAME, "page shadowed");
        in.servlet("errors", page("404"), PAGE, "404", NAME, "page 404", "service.ranking", Integer.MAX_VALUE);
        in.servlet("errors", page("5xx"), PAGE, "5XX", NAME, "page 5xx");
        in.servlet("errors", page("500"), PAGE, "500", NAME, "page 500");
        in.servlet(
                "errors",
                Says.attribute(RequestDispatcher.ERROR_EXCEPTION_TYPE),
                PAGE,
                ServletException.class.getName(),
                NAME,
                "page of exceptions");
        in.servlet("errors", page("runtime"), PAGE, RuntimeException.class.getName(), NAME, "page of runtime");
        in.servlet("errors", throwing(), PAGE, "501", NAME, "page that fails");
        in.servlet("errors", page("at a pattern"), PAGE, "505", PATTERN, "/page", NAME, "page at a pattern");

        in.context("errors-one");
        in.context("errors-two");
        fails(in, "errors-one", "/fails", 501);
        in.servlet("errors-two", Says.text("of another"), PAGE, "501", NAME, "page of another");
        in.servlet("errors-one", Says.text("of its own"), PAGE, "501", NAME, "page of its own");
        in.context("errors-none");
        fails(in, "errors-none", "/fails", 501);
    }

    private static void fails(Registrar in, String where, String pattern, int status) {
        in.servlet(where, Says.error(status, "message"), PATTERN, pattern, NAME, "fails " + status);
    }

    private static Says throwing() {
        return new Says((request, response) -> {
            throw new OwnException();
        });
    }

    private static Says runtime() {
        return new Says((request, response) -> {
            throw new IllegalArgumentException("thrown");
        });
    }

    private static Says page(String name) {
        return new Says((request, response) -> response.getWriter()
                .print(name + " " + request.getAttribute(RequestDispatcher.ERROR_MESSAGE) + " "
                        + request.getAttribute(RequestDispatcher.ERROR_SERVLET_NAME) + " "
                        + request.getDispatcherType()));
    }
}
