package org.handoff.itests.handlers.specified;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.ServletConfig;
import javax.servlet.ServletContextAttributeEvent;
import javax.servlet.ServletContextAttributeListener;
import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;
import javax.servlet.ServletException;
import javax.servlet.ServletRequestAttributeEvent;
import javax.servlet.ServletRequestAttributeListener;
import javax.servlet.ServletRequestEvent;
import javax.servlet.ServletRequestListener;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpSession;
import javax.servlet.http.HttpSessionAttributeListener;
import javax.servlet.http.HttpSessionBindingEvent;
import javax.servlet.http.HttpSessionEvent;
import javax.servlet.http.HttpSessionIdListener;
import javax.servlet.http.HttpSessionListener;

/** Section 140.7: listeners, one of each kind in a servlet context of its own. */
final class ListenerServices {

    private static final Map<String, List<String>> HEARD = new ConcurrentHashMap<>();

    /** Remembers what it hears. */
    private record Hears(String where)
            implements ServletContextListener,
                    ServletContextAttributeListener,
                    ServletRequestListener,
                    ServletRequestAttributeListener,
                    HttpSessionListener,
                    HttpSessionAttributeListener,
                    HttpSessionIdListener {

        private void hear(String what) {
            HEARD.computeIfAbsent(where, first -> new CopyOnWriteArrayList<>()).add(what);
        }

        @Override
        public void contextInitialized(ServletContextEvent event) {
            hear("initialized " + event.getServletContext().getContextPath());
        }

        @Override
        public void attributeAdded(ServletContextAttributeEvent event) {
            hear("added " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void attributeReplaced(ServletContextAttributeEvent event) {
            hear("replaced " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void attributeRemoved(ServletContextAttributeEvent event) {
            hear("removed " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void requestInitialized(ServletRequestEvent event) {
            hear("initialized " + ((HttpServletRequest) event.getServletRequest()).getRequestURI());
        }

        @Override
        public void requestDestroyed(ServletRequestEvent event) {
            hear("destroyed " + ((HttpServletRequest) event.getServletRequest()).getRequestURI());
        }

        @Override
        public void attributeAdded(ServletRequestAttributeEvent event) {
            attribute("added", event.getName(), event.getValue());
        }

        @Override
        public void attributeReplaced(ServletRequestAttributeEvent event) {
            attribute("replaced", event.getName(), event.getValue());
        }

        @Override
        public void attributeRemoved(ServletRequestAttributeEvent event) {
            attribute("removed", event.getName(), event.getValue());
        }

        /** Those of the container itself are its own affair. */
        private void attribute(String what, String name, Object value) {
            if (name.equals("a")) {
                hear(what + " " + name + "=" + value);
            }
        }

        @Override
        public void sessionCreated(HttpSessionEvent event) {
            hear("created");
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            hear("destroyed");
        }

        @Override
        public void attributeAdded(HttpSessionBindingEvent event) {
            hear("added " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void attributeReplaced(HttpSessionBindingEvent event) {
            hear("replaced " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void attributeRemoved(HttpSessionBindingEvent event) {
            hear("removed " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String former) {
            hear("changed " + !event.getSession().getId().equals(former));
        }
    }

    private ListenerServices() {}

    static void register(Registrar in) {
        in.context("heard");
        in.servlet(
                "heard",
                new Says((request, response) -> {
                    List<String> heard = HEARD.getOrDefault(request.getParameter("of"), List.of());
                    response.getWriter().print(String.join(", ", heard));
                }),
                "servlet.pattern",
                "/heard",
                "servlet.name",
                "heard");
        hears(in, "of-context", ServletContextListener.class, request -> {});
        hears(in, "of-context-attributes", ServletContextAttributeListener.class, request -> {
            request.getServletContext().setAttribute("a", 1);
            request.getServletContext().setAttribute("a", 2);
            request.getServletContext().removeAttribute("a");
        });
        hears(in, "of-requests", ServletRequestListener.class, request -> {});
        hears(in, "of-request-attributes", ServletRequestAttributeListener.class, request -> {
            request.setAttribute("a", 1);
            request.setAttribute("a", 2);
            request.removeAttribute("a");
        });
        hears(
                in,
                "of-sessions",
                HttpSessionListener.class,
                request -> request.getSession().invalidate());
        hears(in, "of-session-attributes", HttpSessionAttributeListener.class, request -> {
            HttpSession session = request.getSession();
            session.setAttribute("a", 1);
            session.setAttribute("a", 2);
            session.removeAttribute("a");
        });
        hears(in, "of-session-ids", HttpSessionIdListener.class, request -> {
            request.getSession();
            request.changeSessionId();
        });
        in.context("before");
        in.listener("before", ServletContextListener.class, new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                event.getServletContext().setAttribute("before", "the listener");
            }
        });
        in.servlet("before", new Later(), "servlet.pattern", "/servlet", "servlet.name", "later");
    }

    /** A servlet that knows who was there before it. */
    private static final class Later extends Says {

        private static final long serialVersionUID = 1;

        Later() {
            super((request, response) ->
                    response.getWriter().print(request.getServletContext().getAttribute("seen")));
        }

        @Override
        public void init(ServletConfig config) throws ServletException {
            super.init(config);
            config.getServletContext()
                    .setAttribute("seen", config.getServletContext().getAttribute("before"));
        }
    }

    private interface Does {

        void with(HttpServletRequest request);
    }

    private static <T extends java.util.EventListener> void hears(
            Registrar in, String where, Class<T> type, Does does) {
        in.context(where);
        in.listener(where, type, type.cast(new Hears(where)));
        in.servlet(
                where,
                new Says((request, response) -> {
                    does.with(request);
                    response.getWriter().print("done");
                }),
                "servlet.pattern",
                "/do",
                "servlet.name",
                "does");
    }
}
