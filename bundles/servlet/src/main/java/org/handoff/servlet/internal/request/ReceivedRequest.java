package org.handoff.servlet.internal.request;

import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletConnection;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.handoff.worker.api.Request;

/** The first line and the header of a request as the Whiteboard sees them, in the root of the container. */
abstract class ReceivedRequest implements HttpServletRequest {

    private static final String HTTP = "http";
    private static final AtomicLong IDS = new AtomicLong();

    final ReceivedFields fields;
    private final Target target;
    private final String method;
    private final String scheme;
    private final String host;
    private final InetSocketAddress client;
    private final ServletContext context;
    private final String id = Long.toString(IDS.incrementAndGet());
    private Target dispatched;
    private DispatcherType type = DispatcherType.REQUEST;

    ReceivedRequest(Request request, ServletContext context) {
        target = Target.of(request);
        dispatched = target;
        method = request.method();
        scheme = request.scheme();
        host = request.host();
        client = request.client();
        fields = new ReceivedFields(request.headers());
        this.context = context;
    }

    /** Goes to a servlet again, by {@link AsyncContext#dispatch}. */
    public void dispatch(Target where) {
        if (type != DispatcherType.ASYNC) {
            setAttribute(AsyncContext.ASYNC_REQUEST_URI, target.uri());
            setAttribute(AsyncContext.ASYNC_CONTEXT_PATH, getContextPath());
            setAttribute(AsyncContext.ASYNC_SERVLET_PATH, getServletPath());
            setAttribute(AsyncContext.ASYNC_PATH_INFO, target.path());
            setAttribute(AsyncContext.ASYNC_QUERY_STRING, target.query());
        }
        dispatched = where;
        type = DispatcherType.ASYNC;
    }

    /** Where the client sent it. */
    public Target target() {
        return target;
    }

    // ---- method and target

    @Override
    public String getMethod() {
        return method;
    }

    @Override
    public String getRequestURI() {
        return dispatched.uri();
    }

    @Override
    public StringBuffer getRequestURL() {
        StringBuffer url = new StringBuffer(scheme).append("://").append(getServerName());
        int port = getServerPort();
        if (port != defaultPort()) {
            url.append(':').append(port);
        }
        return url.append(getRequestURI());
    }

    @Override
    public String getQueryString() {
        return dispatched.query();
    }

    @Override
    public String getContextPath() {
        return "";
    }

    @Override
    public String getServletPath() {
        return "";
    }

    @Override
    public String getPathInfo() {
        return dispatched.path();
    }

    @Override
    public String getPathTranslated() {
        return null;
    }

    @Override
    public String getProtocol() {
        return "HTTP/1.1";
    }

    @Override
    public DispatcherType getDispatcherType() {
        return type;
    }

    @Override
    public RequestDispatcher getRequestDispatcher(String path) {
        return null;
    }

    @Override
    public ServletContext getServletContext() {
        return context;
    }

    // ---- the connection

    @Override
    public String getScheme() {
        return scheme;
    }

    @Override
    public boolean isSecure() {
        return !scheme.equals(HTTP);
    }

    @Override
    public String getServerName() {
        return host.isEmpty() ? "localhost" : host;
    }

    @Override
    public int getServerPort() {
        String field = fields.first("Host");
        int colon = field == null ? -1 : field.lastIndexOf(':');
        if (colon > endOfAddress(field)) {
            try {
                return Integer.parseInt(field.substring(colon + 1).strip());
            } catch (NumberFormatException e) {
                return defaultPort();
            }
        }
        return defaultPort();
    }

    /** The end of a numeric IPv6 address, which has colons of its own. */
    private static int endOfAddress(String field) {
        return field == null ? 0 : field.indexOf(']');
    }

    private int defaultPort() {
        return isSecure() ? 443 : 80;
    }

    @Override
    public String getRemoteAddr() {
        return client.getAddress() == null
                ? client.getHostString()
                : client.getAddress().getHostAddress();
    }

    @Override
    public String getRemoteHost() {
        return getRemoteAddr();
    }

    @Override
    public int getRemotePort() {
        return client.getPort();
    }

    // A handler's request does not know the server's address; the client does.

    @Override
    public String getLocalName() {
        return getServerName();
    }

    @Override
    public String getLocalAddr() {
        return getServerName();
    }

    @Override
    public int getLocalPort() {
        return getServerPort();
    }

    @Override
    public String getRequestId() {
        return id;
    }

    @Override
    public String getProtocolRequestId() {
        return "";
    }

    @Override
    public ServletConnection getServletConnection() {
        throw new UnsupportedOperationException("a worker's connections are not for servlets");
    }

    // ---- header fields

    @Override
    public String getHeader(String name) {
        return fields.first(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(fields.all(name));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(fields.names());
    }

    @Override
    public long getDateHeader(String name) {
        return fields.date(name);
    }

    @Override
    public int getIntHeader(String name) {
        String value = fields.first(name);
        return value == null ? -1 : Integer.parseInt(value.strip());
    }

    @Override
    public Cookie[] getCookies() {
        List<Cookie> cookies = fields.cookies();
        return cookies.isEmpty() ? null : cookies.toArray(Cookie[]::new);
    }

    @Override
    public Locale getLocale() {
        return fields.locales().get(0);
    }

    @Override
    public Enumeration<Locale> getLocales() {
        return Collections.enumeration(fields.locales());
    }
}
