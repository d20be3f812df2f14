package org.handoff.itests.handlers.specified;

import java.io.IOException;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** A servlet that is a lambda. */
class Says extends HttpServlet {

    private static final long serialVersionUID = 1;

    /** What it does. */
    interface Answer {

        void to(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException;
    }

    private final transient Answer answer;

    Says(Answer answer) {
        this.answer = answer;
    }

    /** A servlet that always answers the same. */
    static Says text(String text) {
        return new Says((request, response) -> response.getWriter().print(text));
    }

    /** A servlet that answers the paths of its request. */
    static Says paths() {
        return new Says((request, response) -> response.getWriter()
                .print(request.getContextPath() + "|" + request.getServletPath() + "|" + request.getPathInfo()));
    }

    /** A servlet that answers an error. */
    static Says error(int status, String message) {
        return new Says((request, response) -> response.sendError(status, message));
    }

    /** A servlet that answers an attribute of its request. */
    static Says attribute(String name) {
        return new Says((request, response) -> response.getWriter().print(request.getAttribute(name)));
    }

    /** A servlet that lets another one answer in its place. */
    static Says forward(String path) {
        return new Says(
                (request, response) -> request.getRequestDispatcher(path).forward(request, response));
    }

    /** A servlet that lets another one answer within its answer. */
    static Says include(String path) {
        return new Says(
                (request, response) -> request.getRequestDispatcher(path).include(request, response));
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        answer.to(request, response);
    }
}
