package org.handoff.servlet.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionListener;
import org.apache.felix.http.base.internal.HttpConfig;
import org.apache.felix.http.base.internal.context.ExtServletContext;
import org.apache.felix.http.base.internal.handler.HttpSessionWrapper;
import org.handoff.servlet.internal.context.SessionCookie;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.servlet.internal.session.store.CompiledClasses;
import org.handoff.servlet.internal.session.store.MapStore;
import org.handoff.servlet.internal.session.store.Sessions;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.Test;

class RequestSessionTest {

    private static final String DELETED =
            "SESSION=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly";

    private final MapStore store = new MapStore();
    private final Sessions sessions = new Sessions(store, new CompiledClasses());

    /** A request to servlets, from its begin to its end. */
    private final class Exchange {

        private final RequestSession session = new RequestSession(
                sessions, null, new SessionCookie("SESSION", "/", Map.of()), 1800, (event, former) -> {});
        private final TestResponse sent = new TestResponse();
        private final ServletRequestFacade request;
        private final ServletResponseFacade response;

        private Exchange(TestRequest.Builder received) {
            request = new ServletRequestFacade(received.build(), null, session, null);
            response = new ServletResponseFacade(new HandlerSink(sent), request);
            session.of(request, response);
        }

        private void finish() throws IOException {
            session.save();
            response.finish();
        }

        private String cookie() {
            return sent.headers().first("Set-Cookie").orElse(null);
        }
    }

    private Exchange exchange(String id) {
        return new Exchange(TestRequest.get("/").header("Cookie", "SESSION=" + id));
    }

    /** A session in the store. */
    private String made() throws IOException {
        Exchange first = new Exchange(TestRequest.get("/"));
        HttpSession session = first.request.getSession();
        session.setAttribute("a", 1);
        first.finish();
        assertEquals("SESSION=" + session.getId() + "; Path=/; HttpOnly", first.cookie());
        return session.getId();
    }

    @Test
    void invalidatedSessionIsTakenFromItsClientWithARedirection() throws Exception {
        Exchange logout = exchange(made());
        logout.request.getSession().invalidate();
        logout.response.sendRedirect("/login");
        logout.finish();
        assertEquals(302, logout.sent.status());
        assertEquals(DELETED, logout.cookie());
        assertEquals(Set.of(), store.sessions.keySet());
    }

    @Test
    void sessionIsInvalidatedAfterARedirectionToo() throws Exception {
        Exchange logout = exchange(made());
        logout.response.sendRedirect("/login");
        logout.request.getSession().invalidate();
        logout.finish();
        assertEquals(DELETED, logout.cookie());
    }

    @Test
    void sessionIsInvalidatedAfterTheHeadWasSent() throws Exception {
        Exchange logout = exchange(made());
        logout.response.flushBuffer();
        logout.request.getSession().invalidate();
        assertNull(logout.request.getSession(false));
        assertThrows(IllegalStateException.class, () -> logout.request.getSession(true));
        logout.response.getWriter().print("bye");
        logout.finish();
        assertEquals("bye", logout.sent.text());
        assertNull(logout.cookie());
        assertEquals(Set.of(), store.sessions.keySet());
    }

    @Test
    void newSessionTakesThePlaceOfAnInvalidatedOne() throws Exception {
        String former = made();
        Exchange login = exchange(former);
        login.request.getSession().invalidate();
        HttpSession session = login.request.getSession();
        assertNotEquals(former, session.getId());
        assertTrue(session.isNew());
        login.finish();
        assertEquals("SESSION=" + session.getId() + "; Path=/; HttpOnly", login.cookie());
        assertEquals(Set.of(session.getId()), store.sessions.keySet());
    }

    @Test
    void clientHearsOfTheChangedId() throws Exception {
        String former = made();
        Exchange login = exchange(former);
        String id = login.request.changeSessionId();
        assertNotEquals(former, id);
        login.response.sendRedirect("/");
        login.finish();
        assertEquals("SESSION=" + id + "; Path=/; HttpOnly", login.cookie());
        Exchange next = exchange(id);
        assertEquals(1, next.request.getSession(false).getAttribute("a"));
        assertFalse(next.request.getSession().isNew());
        assertNull(exchange(former).request.getSession(false));
    }

    @Test
    void idIsNotChangedWhenItIsTooLateToTellTheClient() throws Exception {
        String id = made();
        Exchange late = exchange(id);
        late.response.flushBuffer();
        assertThrows(IllegalStateException.class, late.request::changeSessionId);
        late.finish();
        assertEquals(Set.of(id), store.sessions.keySet());
    }

    /** A page's pictures are asked for while the rest of it is on its way. */
    @Test
    void newSessionIsThereBeforeTheEndOfALongPage() throws Exception {
        Exchange page = new Exchange(TestRequest.get("/"));
        HttpSession session = page.request.getSession();
        session.setAttribute("a", 1);
        page.response.getOutputStream().write(new byte[100_000]);
        assertTrue(page.response.isHeadSent());
        Exchange picture = exchange(session.getId());
        assertEquals(1, picture.request.getSession(false).getAttribute("a"));
        session.setAttribute("b", 2);
        page.finish();
        assertEquals(2, exchange(session.getId()).request.getSession(false).getAttribute("b"));
    }

    @Test
    void changedIdIsThereBeforeTheEndOfALongPage() throws Exception {
        Exchange page = exchange(made());
        String id = page.request.changeSessionId();
        page.response.flushBuffer();
        assertEquals(Set.of(id), store.sessions.keySet());
        page.finish();
    }

    @Test
    void longPageFollowsTheEndOfASession() throws Exception {
        Exchange logout = exchange(made());
        logout.request.getSession().invalidate();
        assertNull(logout.request.getSession(false));
        logout.response.flushBuffer();
        logout.finish();
        assertEquals(DELETED, logout.cookie());
    }

    @Test
    void sessionThatCannotBeSavedIsNotTold() {
        Exchange page = new Exchange(TestRequest.get("/"));
        page.request.getSession().setAttribute("list", new ArrayList<>(List.of(new Object())));
        assertThrows(IllegalStateException.class, page.response::flushBuffer);
        assertFalse(page.response.isCommitted());
    }

    @Test
    void cookieOfATlsRequestIsSecure() throws Exception {
        Exchange exchange = new Exchange(TestRequest.get("/").scheme("https"));
        exchange.request.getSession();
        exchange.finish();
        assertTrue(exchange.cookie().contains("; Secure"), exchange.cookie());
    }

    // ---- as the Whiteboard shows it to a servlet

    /** The session of a servlet context. */
    private HttpSession ofContext(String context, Exchange exchange) {
        ExtServletContext whiteboard = (ExtServletContext) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ExtServletContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getServletContextName" -> context;
                    case "getHttpSessionListener" -> new HttpSessionListener() {};
                    default -> null;
                });
        HttpConfig config = new HttpConfig();
        config.configure(new Hashtable<>(Map.of(HttpConfig.PROP_UNIQUE_SESSION_ID, "false")));
        return new HttpSessionWrapper(exchange.request.getSession(), whiteboard, config, false);
    }

    @Test
    void sessionWithAnUnreadableAttributeEnds() throws Exception {
        Exchange first = new Exchange(TestRequest.get("/"));
        HttpSession session = ofContext("shop", first);
        session.setAttribute("a", 1);
        session.setAttribute("bad", 2);
        first.finish();
        String bad = "org.apache.felix.http.session.context.attr.shop.bad";
        assertNotEquals(null, store.sessions.get(session.getId()).attributes().put(bad, new byte[] {9}));
        Exchange logout = exchange(session.getId());
        ofContext("shop", logout).invalidate();
        logout.finish();
        assertEquals(Set.of(), store.sessions.keySet());
        assertEquals(DELETED, logout.cookie());
    }

    @Test
    void sessionOfOneContextOutlivesThatOfAnother() throws Exception {
        Exchange first = new Exchange(TestRequest.get("/"));
        ofContext("shop", first).setAttribute("a", 1);
        HttpSession other = ofContext("other", first);
        other.setAttribute("a", 2);
        first.finish();
        Exchange logout = exchange(other.getId());
        ofContext("shop", logout).invalidate();
        logout.finish();
        assertEquals(2, ofContext("other", exchange(other.getId())).getAttribute("a"));
        assertNull(ofContext("shop", exchange(other.getId())).getAttribute("a"));
    }

    @Test
    void sessionLastsAsLongAsItsLastContextWants() throws Exception {
        String id = made();
        assertEquals(120, intervalWith(id, 120));
        assertEquals(60, intervalWith(id, 60));
        assertEquals(0, intervalWith(id, -1));
        Exchange other = exchange(id);
        ofContext("other", other).setMaxInactiveInterval(90);
        other.finish();
        assertEquals(0, store.sessions.get(id).maxInactive());
        assertEquals(90, intervalWith(id, 30));
        assertEquals(0, intervalWith(id, 0));
        Exchange logout = exchange(id);
        ofContext("shop", logout).invalidate();
        logout.finish();
        assertEquals(90, store.sessions.get(id).maxInactive());
    }

    /** The store's interval after a servlet of one context has set that of its session. */
    private int intervalWith(String id, int seconds) throws IOException {
        Exchange exchange = exchange(id);
        HttpSession session = ofContext("shop", exchange);
        session.setMaxInactiveInterval(seconds);
        assertEquals(seconds, session.getMaxInactiveInterval());
        exchange.finish();
        return store.sessions.get(id).maxInactive();
    }
}
