package org.handoff.itests.handlers.specified;

import java.io.IOException;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;

/** Puts a letter before an answer, and behind it. */
class Around implements Filter {

    private final String letter;

    Around(String letter) {
        this.letter = letter;
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        // Nothing to begin with.
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        response.getWriter().print(letter);
        chain.doFilter(request, response);
        response.getWriter().print(letter);
    }

    @Override
    public void destroy() {
        // Nothing to end with.
    }
}
