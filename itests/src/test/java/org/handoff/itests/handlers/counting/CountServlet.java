package org.handoff.itests.handlers.counting;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Component;

/** Counts the requests of a session, twice; answers both counts, the bundle's version and the process. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/count")
public class CountServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        if (request.getParameter("without") != null) {
            response.getWriter().print("no session");
            return;
        }
        HttpSession session = request.getSession();
        Integer plain = (Integer) session.getAttribute("plain");
        session.setAttribute("plain", plain == null ? 1 : plain + 1);
        Counted own = (Counted) session.getAttribute("own");
        if (own == null) {
            own = new Counted();
            session.setAttribute("own", own);
        }
        // And not set again, as many applications do.
        own.requests++;
        response.getWriter()
                .printf(
                        "%s %d %s %d",
                        session.getAttribute("plain"),
                        own.requests,
                        FrameworkUtil.getBundle(CountServlet.class).getVersion(),
                        ProcessHandle.current().pid());
    }
}
