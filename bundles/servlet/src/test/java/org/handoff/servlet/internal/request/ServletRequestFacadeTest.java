package org.handoff.servlet.internal.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.Cookie;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Parameters;
import org.handoff.worker.api.testing.TestRequest;
import org.junit.jupiter.api.Test;

class ServletRequestFacadeTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    private static ServletRequestFacade facade(TestRequest.Builder request) {
        return new ServletRequestFacade(request.build(), null, null, null);
    }

    private static ServletRequestFacade form(String target, String body) {
        return facade(TestRequest.post(target, new byte[0]).body(body).header("Content-Type", FORM));
    }

    @Test
    void isInTheRootOfTheContainer() {
        ServletRequestFacade request = facade(TestRequest.get("/a%20b/c?d=e"));
        assertEquals("", request.getContextPath());
        assertEquals("", request.getServletPath());
        assertEquals("/a b/c", request.getPathInfo());
        assertEquals("/a%20b/c", request.getRequestURI());
        assertEquals("d=e", request.getQueryString());
        assertNull(facade(TestRequest.get("/a")).getQueryString());
    }

    @Test
    void absoluteTargetHasThePathOnly() {
        ServletRequestFacade request = facade(TestRequest.get("/x").host("example.org"));
        assertEquals("http://example.org/x", request.getRequestURL().toString());
    }

    @Test
    void portIsThatOfTheHost() {
        assertEquals(8080, facade(TestRequest.get("/").header("Host", "a:8080")).getServerPort());
        assertEquals(80, facade(TestRequest.get("/").header("Host", "a")).getServerPort());
        assertEquals(80, facade(TestRequest.get("/").header("Host", "[::1]")).getServerPort());
        assertEquals(81, facade(TestRequest.get("/").header("Host", "[::1]:81")).getServerPort());
        assertEquals(80, facade(TestRequest.get("/").header("Host", "a:no")).getServerPort());
    }

    @Test
    void parametersOfTheQueryComeBeforeThoseOfTheForm() {
        ServletRequestFacade request = form("/?a=1", "a=2&b=%C3%A4+c");
        assertArrayEquals(new String[] {"1", "2"}, request.getParameterValues("a"));
        assertEquals("ä c", request.getParameter("b"));
        assertNull(request.getParameter("c"));
    }

    @Test
    void formIsOfItsCharset() throws Exception {
        ServletRequestFacade request = form("/", "a=%E4");
        request.setCharacterEncoding("ISO-8859-1");
        assertEquals("ä", request.getParameter("a"));
    }

    @Test
    void formThatWasReadAsABodyHasNoParameters() throws Exception {
        ServletRequestFacade request = form("/?a=1", "b=2");
        assertEquals("b=2", new String(request.getInputStream().readAllBytes()));
        assertNull(request.getParameter("b"));
        assertEquals("1", request.getParameter("a"));
    }

    @Test
    void tooManyParametersAreRefusedInAnyCharset() throws Exception {
        String many = Collections.nCopies(Parameters.MOST + 1, "a=b").stream().collect(Collectors.joining("&"));
        assertEquals(
                400,
                assertThrows(HttpException.class, form("/", many)::getParameterMap)
                        .status());
        ServletRequestFacade latin = form("/", many);
        latin.setCharacterEncoding("ISO-8859-1");
        assertEquals(
                400, assertThrows(HttpException.class, latin::getParameterMap).status());
    }

    @Test
    void longFormIsRefused() {
        ServletRequestFacade request = form("/", "a=" + "x".repeat(1 << 20));
        assertEquals(
                413, assertThrows(HttpException.class, request::getParameterMap).status());
    }

    @Test
    void malformedEncodingIsRefused() {
        assertEquals(
                400,
                assertThrows(HttpException.class, facade(TestRequest.get("/?a=%zz"))::getParameterMap)
                        .status());
    }

    @Test
    void keptBodyOutlivesTheRequest() throws Exception {
        for (int length : new int[] {0, 10, 100_000}) {
            byte[] content = new byte[length];
            Arrays.fill(content, (byte) 'x');
            ServletRequestFacade request = facade(TestRequest.post("/", content));
            request.keep(new KeptBodies(length));
            assertArrayEquals(content, request.getInputStream().readAllBytes());
            assertTrue(request.getInputStream().isFinished());
            request.close();
        }
    }

    @Test
    void cookiesAreAllThereAndMalformedOnesAreMissing() {
        Cookie[] cookies = facade(TestRequest.get("/").header("Cookie", "a=1; b=\"2\"; bad; (=3; a=4"))
                .getCookies();
        assertEquals(
                "a=1 b=2 a=4",
                Arrays.stream(cookies)
                        .map(one -> one.getName() + "=" + one.getValue())
                        .collect(Collectors.joining(" ")));
        assertNull(facade(TestRequest.get("/")).getCookies());
    }

    @Test
    void localesAreInTheClientsOrder() {
        assertEquals(
                "[en_GB, de]",
                Collections.list(facade(TestRequest.get("/").header("Accept-Language", "de;q=0.5, en-GB, fr;q=0"))
                                .getLocales())
                        .toString());
        assertEquals(
                Locale.getDefault(),
                facade(TestRequest.get("/").header("Accept-Language", "!!;q=x")).getLocale());
    }

    @Test
    void datesAndNumbersOfTheHeader() {
        ServletRequestFacade request = facade(TestRequest.get("/")
                .header("If-Modified-Since", "Thu, 01 Jan 1970 00:00:01 GMT")
                .header("X-Number", "7")
                .header("X-Bad", "bad"));
        assertEquals(1000, request.getDateHeader("If-Modified-Since"));
        assertEquals(-1, request.getDateHeader("X-None"));
        assertEquals(7, request.getIntHeader("x-number"));
        assertThrows(NumberFormatException.class, () -> request.getIntHeader("X-Bad"));
        assertThrows(IllegalArgumentException.class, () -> request.getDateHeader("X-Bad"));
    }

    @Test
    void clientIsThatOfTheConnection() {
        ServletRequestFacade request = facade(TestRequest.get("/").client(new InetSocketAddress("192.0.2.1", 99)));
        assertEquals("192.0.2.1", request.getRemoteAddr());
        assertEquals(99, request.getRemotePort());
    }

    @Test
    void keptBodiesHaveARoomForAll() throws Exception {
        KeptBodies room = new KeptBodies(150_000);
        ServletRequestFacade first = facade(TestRequest.post("/", new byte[100_000]));
        first.keep(room);
        ServletRequestFacade second = facade(TestRequest.post("/", new byte[100_000]));
        assertEquals(
                503, assertThrows(HttpException.class, () -> second.keep(room)).status());
        second.close();
        facade(TestRequest.post("/", new byte[1000])).keep(room);
        first.close();
        ServletRequestFacade third = facade(TestRequest.post("/", new byte[100_000]));
        third.keep(room);
        third.close();
    }

    /** As servlets loop that read while there is something. */
    @Test
    void bodyIsFinishedBehindItsLastByte() throws Exception {
        ServletInputStream body = facade(TestRequest.post("/", new byte[3])).getInputStream();
        byte[] all = new byte[10];
        assertFalse(body.isFinished());
        assertEquals(3, body.read(all));
        assertTrue(body.isFinished());
        assertTrue(facade(TestRequest.get("/")).getInputStream().isFinished());
    }

    @Test
    void queryIsInUtf8WhateverTheBodyIsIn() throws Exception {
        ServletRequestFacade request = form("/?a=%C3%A4", "b=%E4");
        request.setCharacterEncoding("ISO-8859-1");
        assertEquals("ä", request.getParameter("a"));
        assertEquals("ä", request.getParameter("b"));
    }

    @Test
    void dispatchedRequestHasTheQueryOfItsDispatch() {
        ServletRequestFacade request = form("/a?x=1", "z=3");
        assertEquals("1", request.getParameter("x"));
        request.dispatch(Target.of("/b?y=2"));
        assertEquals("2", request.getParameter("y"));
        assertEquals("1", request.getParameter("x"));
        assertEquals("3", request.getParameter("z"));
        assertEquals("/a", request.getAttribute(AsyncContext.ASYNC_REQUEST_URI));
        assertEquals("x=1", request.getAttribute(AsyncContext.ASYNC_QUERY_STRING));
    }

    @Test
    void datesAreReadInAllForms() {
        for (String date : List.of(
                "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")) {
            assertEquals(
                    784_111_777_000L,
                    facade(TestRequest.get("/").header("Date", date)).getDateHeader("Date"));
        }
    }

    @Test
    void longFieldOfLanguagesSaysNothing() {
        String many = IntStream.range(0, 4000)
                .mapToObj(i -> new String(
                        new char[] {(char) ('a' + i / 676), (char) ('a' + i / 26 % 26), (char) ('a' + i % 26)}))
                .collect(Collectors.joining(","));
        assertEquals(
                List.of(Locale.getDefault()),
                Collections.list(facade(TestRequest.get("/").header("Accept-Language", many))
                        .getLocales()));
    }

    @Test
    void idIsOfOneRequestOnly() {
        ServletRequestFacade request = facade(TestRequest.get("/"));
        assertEquals(request.getRequestId(), request.getRequestId());
        assertNotEquals(request.getRequestId(), facade(TestRequest.get("/")).getRequestId());
    }
}
