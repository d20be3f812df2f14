package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.handoff.worker.api.Parameters;

/** A request whose dispatchers pass on the query behind their path (Servlet 4.0, section 9.1.1). */
final class DispatchingRequest extends HttpServletRequestWrapper {

    DispatchingRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public RequestDispatcher getRequestDispatcher(String path) {
        RequestDispatcher found = super.getRequestDispatcher(path);
        int query = path == null ? -1 : path.indexOf('?');
        return found == null || query < 0 ? found : new WithQuery(found, path.substring(query + 1));
    }

    private record WithQuery(RequestDispatcher dispatcher, String query) implements RequestDispatcher {

        @Override
        public void forward(ServletRequest request, ServletResponse response) throws ServletException, IOException {
            dispatcher.forward(new Queried((HttpServletRequest) request, query, true), response);
        }

        @Override
        public void include(ServletRequest request, ServletResponse response) throws ServletException, IOException {
            dispatcher.include(new Queried((HttpServletRequest) request, query, false), response);
        }
    }

    /** A request with the parameters of a further query before its own. */
    private static final class Queried extends HttpServletRequestWrapper {

        private final String query;
        private final boolean isForwarded;
        private final Map<String, String[]> parameters;

        Queried(HttpServletRequest request, String query, boolean isForwarded) {
            super(request);
            this.query = query;
            this.isForwarded = isForwarded;
            parameters = new LinkedHashMap<>();
            Parameters further = Parameters.parse(query);
            further.names()
                    .forEach(name -> parameters.put(name, further.all(name).toArray(String[]::new)));
            request.getParameterMap()
                    .forEach((name, values) -> parameters.merge(
                            name,
                            values,
                            (first, rest) ->
                                    Stream.of(first, rest).flatMap(Stream::of).toArray(String[]::new)));
        }

        @Override
        public String getQueryString() {
            return isForwarded ? query : super.getQueryString();
        }

        @Override
        public Object getAttribute(String name) {
            Object value = super.getAttribute(name);
            return value == null && isForwarded && name.equals(RequestDispatcher.FORWARD_QUERY_STRING)
                    ? super.getQueryString()
                    : value;
        }

        @Override
        public String getParameter(String name) {
            String[] values = parameters.get(name);
            return values == null ? null : values[0];
        }

        @Override
        public String[] getParameterValues(String name) {
            return parameters.get(name);
        }

        @Override
        public Enumeration<String> getParameterNames() {
            return Collections.enumeration(parameters.keySet());
        }

        @Override
        public Map<String, String[]> getParameterMap() {
            return Collections.unmodifiableMap(parameters);
        }
    }
}
