package org.handoff.itests.handlers.specified;

import java.io.IOException;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletResponse;

/** Leaves its mark in the header. */
final class HeaderFilter extends Around {

    HeaderFilter() {
        super("");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ((HttpServletResponse) response).setHeader("X-Filtered", "yes");
        chain.doFilter(request, response);
    }
}
