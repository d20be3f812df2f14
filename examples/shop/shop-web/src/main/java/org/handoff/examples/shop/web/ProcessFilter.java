package org.handoff.examples.shop.web;

import java.io.IOException;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardFilterPattern;

/** Says in a header field of each response which process answers. */
@Component(service = Filter.class)
@HttpWhiteboardContextSelect(ShopContext.SELECT)
@HttpWhiteboardFilterPattern("/*")
public final class ProcessFilter implements Filter {

    @Override
    public void init(FilterConfig config) {}

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ((HttpServletResponse) response)
                .setHeader("Shop-Process", Long.toString(ProcessHandle.current().pid()));
        chain.doFilter(request, response);
    }

    @Override
    public void destroy() {}
}
