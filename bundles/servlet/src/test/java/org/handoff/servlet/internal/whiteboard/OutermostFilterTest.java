package org.handoff.servlet.internal.whiteboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import org.handoff.servlet.internal.async.AsyncAnswer;
import org.handoff.servlet.internal.async.AsyncThreads;
import org.handoff.servlet.internal.context.ContainerContext;
import org.handoff.servlet.internal.request.KeptBodies;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutermostFilterTest {

    private static final String MULTIPART = "multipart/form-data; boundary=x";

    private final AsyncThreads threads = new AsyncThreads();
    private final TestResponse sent = new TestResponse();
    private final List<String> deleted = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.close();
    }

    /** As the Whiteboard's: in a servlet context, with parts, and with the parameters of those only. */
    private final class InContext extends HttpServletRequestWrapper {

        private final ServletContext context = new ContainerContext(null, 60);

        InContext(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletContext getServletContext() {
            return context;
        }

        @Override
        public Collection<Part> getParts() {
            return List.of(new Field("a", "ä"), new Field("b", "3"));
        }

        @Override
        public Map<String, String[]> getParameterMap() {
            return getContentType() == null ? super.getParameterMap() : Map.of();
        }
    }

    private final class Field implements Part {

        private final String name;
        private final String text;

        Field(String name, String text) {
            this.name = name;
            this.text = text;
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String getContentType() {
            return null;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public String getSubmittedFileName() {
            return null;
        }

        @Override
        public long getSize() {
            return text.length();
        }

        @Override
        public void write(String file) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete() {
            deleted.add(name);
        }

        @Override
        public String getHeader(String field) {
            return null;
        }

        @Override
        public Collection<String> getHeaders(String field) {
            return List.of();
        }

        @Override
        public Collection<String> getHeaderNames() {
            return List.of();
        }
    }

    private void answer(TestRequest.Builder asked, FilterChain servlet) throws Exception {
        AsyncAnswer answer = new AsyncAnswer(
                threads,
                new KeptBodies(0),
                (request, response) -> new OutermostFilter().doFilter(new InContext(request), response, servlet),
                () -> {});
        ServletRequestFacade request = new ServletRequestFacade(asked.build(), null, null, answer);
        answer.answer(request, new ServletResponseFacade(new HandlerSink(sent), request), sent);
    }

    /** As the Whiteboard wraps that of a preprocessor of javax: in a class that is no wrapper of jakarta's. */
    private static HttpServletRequest foreign(HttpServletRequest request) {
        return (HttpServletRequest) Proxy.newProxyInstance(
                OutermostFilterTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> method.invoke(request, arguments));
    }

    @Test
    void requestMayBeWrappedByAPreprocessorOfJavax() throws Exception {
        FilterChain servlet = (request, response) -> {
            request.startAsync().complete();
            assertSame(request, request.getAsyncContext().getRequest());
        };
        AsyncAnswer answer = new AsyncAnswer(
                threads,
                new KeptBodies(0),
                (request, response) ->
                        new OutermostFilter().doFilter(new InContext(foreign(request)), response, servlet),
                () -> {});
        ServletRequestFacade request =
                new ServletRequestFacade(TestRequest.get("/").build(), null, null, answer);
        answer.answer(request, new ServletResponseFacade(new HandlerSink(sent), request), sent);
        assertTrue(sent.hasEnded());
    }

    @Test
    void faultOfTheClientIsNoneOfTheServlet() throws Exception {
        answer(TestRequest.get("/?a=%ZZ"), (request, response) -> request.getParameter("a"));
        assertEquals(400, sent.status());
    }

    @Test
    void faultOfTheServletIsLeftToTheWhiteboard() {
        assertThrows(
                ServletException.class,
                () -> answer(TestRequest.get("/"), (request, response) -> {
                    throw new ServletException("on purpose");
                }));
    }

    @Test
    void asynchronousAnswerHasTheRequestOfItsContext() throws Exception {
        answer(TestRequest.get("/"), (request, response) -> {
            request.startAsync().complete();
            assertSame(request, request.getAsyncContext().getRequest());
            assertTrue(request.getAsyncContext().hasOriginalRequestAndResponse());
        });
        assertTrue(sent.hasEnded());
    }

    @Test
    void multipartRequestHasTheParametersOfItsQueryAndItsFields() throws Exception {
        answer(TestRequest.post("/?a=1&c=4", new byte[1]).header("Content-Type", MULTIPART), (request, response) -> {
            assertArrayEquals(new String[] {"1", "ä"}, request.getParameterValues("a"));
            assertEquals("3", request.getParameter("b"));
            assertEquals("4", request.getParameter("c"));
        });
    }

    @Test
    void partsAreDeletedWithTheRequest() throws Exception {
        answer(
                TestRequest.post("/", new byte[1]).header("Content-Type", MULTIPART),
                (request, response) -> ((HttpServletRequest) request).getParts());
        assertEquals(List.of("a", "b"), deleted);
    }

    @Test
    void partsThatNobodyWantedAreNotMade() throws Exception {
        answer(
                TestRequest.post("/", new byte[1]).header("Content-Type", MULTIPART),
                (request, response) -> response.getWriter().print("none"));
        assertEquals(List.of(), deleted);
    }
}
