package org.handoff.servlet.internal.context;

import java.io.File;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.EventListener;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.descriptor.JspConfigDescriptor;
import org.handoff.worker.api.MediaType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The container of all servlet contexts: the Whiteboard makes those, and asks this one for what they have in common.
 * Servlets come as services only.
 */
public final class ContainerContext implements ServletContext {

    private static final Logger LOG = LoggerFactory.getLogger("servlet");

    private static final int MINUTE = 60;

    private final Map<String, Object> attributes = new ConcurrentHashMap<>();
    private final SessionCookieConfig cookie;
    private final int maxInactive;

    /** @param maxInactive seconds after which an unused session ends */
    public ContainerContext(SessionCookieConfig cookie, int maxInactive) {
        this.cookie = cookie;
        this.maxInactive = maxInactive;
        attributes.put(TEMPDIR, new File(System.getProperty("java.io.tmpdir")));
    }

    private static UnsupportedOperationException onlyServices() {
        return new UnsupportedOperationException("register it as an OSGi service, by the HTTP Whiteboard");
    }

    // ---- what contexts have in common

    @Override
    public String getContextPath() {
        return "";
    }

    @Override
    public int getMajorVersion() {
        return 4;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public int getEffectiveMajorVersion() {
        return getMajorVersion();
    }

    @Override
    public int getEffectiveMinorVersion() {
        return getMinorVersion();
    }

    @Override
    public String getServerInfo() {
        return "Handoff";
    }

    @Override
    public String getServletContextName() {
        return "Handoff";
    }

    @Override
    public String getVirtualServerName() {
        return "handoff";
    }

    @Override
    public String getMimeType(String file) {
        String type = MediaType.ofFileName(file).toString();
        return type.equals("application/octet-stream") ? null : type;
    }

    @Override
    public Object getAttribute(String name) {
        return attributes.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        return Collections.enumeration(attributes.keySet());
    }

    @Override
    public void setAttribute(String name, Object value) {
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }

    @Override
    public void log(String message) {
        LOG.info("{}", message);
    }

    @Override
    public void log(String message, Throwable cause) {
        LOG.error("{}", message, cause);
    }

    @Override
    public int getSessionTimeout() {
        return maxInactive / MINUTE;
    }

    @Override
    public SessionCookieConfig getSessionCookieConfig() {
        return cookie;
    }

    @Override
    public Set<SessionTrackingMode> getDefaultSessionTrackingModes() {
        return Set.of(SessionTrackingMode.COOKIE);
    }

    @Override
    public Set<SessionTrackingMode> getEffectiveSessionTrackingModes() {
        return getDefaultSessionTrackingModes();
    }

    @Override
    public String getRequestCharacterEncoding() {
        return null;
    }

    @Override
    public String getResponseCharacterEncoding() {
        return null;
    }

    @Override
    public ClassLoader getClassLoader() {
        return ContainerContext.class.getClassLoader();
    }

    // ---- the container itself has nothing of its own

    @Override
    public ServletContext getContext(String path) {
        return null;
    }

    @Override
    public Set<String> getResourcePaths(String path) {
        return null;
    }

    @Override
    public URL getResource(String path) {
        return null;
    }

    @Override
    public InputStream getResourceAsStream(String path) {
        return null;
    }

    @Override
    public String getRealPath(String path) {
        return null;
    }

    @Override
    public RequestDispatcher getRequestDispatcher(String path) {
        return null;
    }

    @Override
    public RequestDispatcher getNamedDispatcher(String name) {
        return null;
    }

    @Override
    public String getInitParameter(String name) {
        return null;
    }

    @Override
    public Enumeration<String> getInitParameterNames() {
        return Collections.enumeration(List.of());
    }

    @Override
    public ServletRegistration getServletRegistration(String name) {
        return null;
    }

    @Override
    public Map<String, ? extends ServletRegistration> getServletRegistrations() {
        return Map.of();
    }

    @Override
    public FilterRegistration getFilterRegistration(String name) {
        return null;
    }

    @Override
    public Map<String, ? extends FilterRegistration> getFilterRegistrations() {
        return Map.of();
    }

    @Override
    public JspConfigDescriptor getJspConfigDescriptor() {
        return null;
    }

    // ---- servlets come as services only

    @Override
    public boolean setInitParameter(String name, String value) {
        throw onlyServices();
    }

    @Override
    public ServletRegistration.Dynamic addServlet(String name, String type) {
        throw onlyServices();
    }

    @Override
    public ServletRegistration.Dynamic addServlet(String name, Servlet servlet) {
        throw onlyServices();
    }

    @Override
    public ServletRegistration.Dynamic addServlet(String name, Class<? extends Servlet> type) {
        throw onlyServices();
    }

    @Override
    public ServletRegistration.Dynamic addJspFile(String name, String file) {
        throw onlyServices();
    }

    @Override
    public <T extends Servlet> T createServlet(Class<T> type) {
        throw onlyServices();
    }

    @Override
    public FilterRegistration.Dynamic addFilter(String name, String type) {
        throw onlyServices();
    }

    @Override
    public FilterRegistration.Dynamic addFilter(String name, Filter filter) {
        throw onlyServices();
    }

    @Override
    public FilterRegistration.Dynamic addFilter(String name, Class<? extends Filter> type) {
        throw onlyServices();
    }

    @Override
    public <T extends Filter> T createFilter(Class<T> type) {
        throw onlyServices();
    }

    @Override
    public void addListener(String type) {
        throw onlyServices();
    }

    @Override
    public <T extends EventListener> void addListener(T listener) {
        throw onlyServices();
    }

    @Override
    public void addListener(Class<? extends EventListener> type) {
        throw onlyServices();
    }

    @Override
    public <T extends EventListener> T createListener(Class<T> type) {
        throw onlyServices();
    }

    @Override
    public void declareRoles(String... roles) {
        throw onlyServices();
    }

    @Override
    public void setSessionTrackingModes(Set<SessionTrackingMode> modes) {
        throw onlyServices();
    }

    @Override
    public void setSessionTimeout(int minutes) {
        throw onlyServices();
    }

    @Override
    public void setRequestCharacterEncoding(String encoding) {
        throw onlyServices();
    }

    @Override
    public void setResponseCharacterEncoding(String encoding) {
        throw onlyServices();
    }
}
