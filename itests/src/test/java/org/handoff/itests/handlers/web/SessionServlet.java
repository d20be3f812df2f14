package org.handoff.itests.handlers.web;

import java.io.IOException;
import java.io.Serializable;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;
import javax.servlet.http.HttpSessionBindingEvent;
import javax.servlet.http.HttpSessionBindingListener;

import org.osgi.service.component.annotations.Component;

/** Counts in its session, and does with it what the path says. */
@Component(
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.pattern=/session/*",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class SessionServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    /** Of a class of this bundle. */
    public record Count(int value) implements Serializable {}

    /** Hears of its own coming and going. */
    public static final class Bound implements HttpSessionBindingListener, Serializable {

        private static final long serialVersionUID = 1;

        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            event.getSession().setAttribute("bound", event.getName());
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            event.getSession().setAttribute("bound", "un" + event.getName());
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String command = String.valueOf(request.getPathInfo());
        HttpSession session = request.getSession(!command.equals("/look"));
        if (session == null) {
            response.getWriter().print("none " + request.isRequestedSessionIdValid());
            return;
        }
        String text = switch (command) {
            case "/new" -> session.isNew() + " " + session.getMaxInactiveInterval();
            case "/invalidate" -> {
                session.invalidate();
                yield "invalidated " + request.getSession(false);
            }
            case "/change" -> {
                String before = session.getId();
                yield "" + !request.changeSessionId().equals(before);
            }
            case "/bind" -> {
                session.setAttribute("listener", new Bound());
                yield "" + session.getAttribute("bound");
            }
            case "/unbind" -> {
                session.removeAttribute("listener");
                yield "" + session.getAttribute("bound");
            }
            case "/listened" -> "" + session.getAttribute("created");
            case "/not-serializable" -> {
                session.setAttribute("thread", Thread.currentThread());
                yield "kept";
            }
            default -> {
                Count last = (Count) session.getAttribute("count");
                Count next = new Count(last == null ? 1 : last.value() + 1);
                session.setAttribute("count", next);
                yield next.value() + " " + ProcessHandle.current().pid();
            }
        };
        response.getWriter().print(text);
    }
}
