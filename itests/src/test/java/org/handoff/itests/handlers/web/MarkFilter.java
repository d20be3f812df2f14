package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletResponse;

/** Leaves its mark in an attribute and a header field. */
abstract class MarkFilter implements Filter {

    private String mark;

    @Override
    public void init(FilterConfig config) {
        mark = config.getInitParameter("mark");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Object before = request.getAttribute("filters");
        request.setAttribute("filters", before == null ? mark : before + mark);
        ((HttpServletResponse) response).addHeader("X-Filter", mark);
        chain.doFilter(request, response);
    }

    @Override
    public void destroy() {
        // It has nothing.
    }
}
