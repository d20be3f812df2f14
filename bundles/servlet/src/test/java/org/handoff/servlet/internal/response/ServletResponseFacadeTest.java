package org.handoff.servlet.internal.response;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

import jakarta.servlet.http.Cookie;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ServletResponseFacadeTest {

    private final TestResponse sent = new TestResponse();
    private final ServletResponseFacade response = to(TestRequest.get("/a/b?c=d"));

    private ServletResponseFacade to(TestRequest.Builder request) {
        return new ServletResponseFacade(
                new HandlerSink(sent), new ServletRequestFacade(request.build(), null, null, null));
    }

    private String field(String name) {
        return sent.headers().first(name).orElse(null);
    }

    @Test
    void shortAnswerIsSentWhole() throws Exception {
        response.setContentType("text/plain");
        response.setCharacterEncoding("UTF-8");
        response.getWriter().print("ä");
        assertFalse(response.isCommitted());
        response.finish();
        assertEquals("ä", sent.text());
        assertEquals("text/plain;charset=utf-8", field("Content-Type"));
    }

    @Test
    void flushedAnswerIsCommitted() throws Exception {
        response.getOutputStream().print("a");
        response.flushBuffer();
        assertTrue(response.isCommitted());
        response.setHeader("X-Late", "late");
        response.getOutputStream().print("b");
        response.finish();
        assertEquals("ab", sent.text());
        assertEquals(null, field("X-Late"));
        assertThrows(IllegalStateException.class, response::reset);
    }

    @Test
    @Timeout(60)
    void endWaitsForNoWriterThatWaitsForTheEnd() throws Exception {
        PrintWriter writer = response.getWriter();
        Thread printing = new Thread(() -> writer.print("x".repeat(100_000)));
        FutureTask<Void> end = new FutureTask<>(() -> {
            response.finish();
            return null;
        });
        Thread ending = new Thread(end);
        synchronized (response) {
            printing.start();
            awaitBlocked(printing);
            ending.start();
            awaitBlocked(ending);
        }
        end.get();
        assertEquals(100_000, sent.body().length);
    }

    private static void awaitBlocked(Thread thread) {
        while (thread.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
    }

    @Test
    void longAnswerIsCommittedAndWhole() throws Exception {
        byte[] part = new byte[10_000];
        for (int i = 0; i < 10; i++) {
            response.getOutputStream().write(part);
        }
        assertTrue(response.isCommitted());
        response.finish();
        assertEquals(100_000, sent.body().length);
    }

    @Test
    void resetForgetsAll() throws Exception {
        response.setStatus(418);
        response.setHeader("X-Gone", "gone");
        response.getWriter().print("gone");
        response.reset();
        response.getOutputStream().print("here");
        response.finish();
        assertEquals("here", sent.text());
        assertEquals(200, sent.status());
        assertEquals(null, field("X-Gone"));
    }

    @Test
    void writerAndStreamExcludeEachOther() throws Exception {
        response.getWriter();
        assertThrows(IllegalStateException.class, response::getOutputStream);
    }

    @Test
    void charsetIsThatOfTheType() throws Exception {
        response.setContentType("text/html");
        response.getWriter().print("ä");
        response.finish();
        assertEquals("ä", sent.text());
        assertEquals("text/html;charset=utf-8", field("Content-Type"));
    }

    @Test
    void jsonNeedsNoCharset() throws Exception {
        response.setContentType("application/json");
        response.getWriter().print("\"ä\"");
        response.finish();
        assertEquals("\"ä\"", sent.text());
        assertEquals("application/json", field("Content-Type"));
    }

    @Test
    void cookieHasItsAttributes() throws Exception {
        Cookie cookie = new Cookie("name", "value");
        cookie.setPath("/a");
        cookie.setMaxAge(60);
        cookie.setHttpOnly(true);
        cookie.setAttribute("SameSite", "Lax");
        response.addCookie(cookie);
        response.addCookie(new Cookie("other", null));
        response.finish();
        List<String> cookies = sent.headers().all("Set-Cookie");
        assertEquals("name=value; Path=/a; Max-Age=60; HttpOnly; SameSite=Lax", cookies.get(0));
        assertEquals("other=", cookies.get(1));
    }

    @Test
    void cookieSmugglesNothing() {
        Cookie cookie = new Cookie("name", "a; Path=/other");
        assertThrows(IllegalArgumentException.class, () -> response.addCookie(cookie));
        Cookie lines = new Cookie("name", "a\r\nX: y");
        assertThrows(IllegalArgumentException.class, () -> response.addCookie(lines));
    }

    @Test
    void redirectionIsRelativeToTheRequest() throws Exception {
        response.sendRedirect("../c?d=e");
        response.finish();
        assertEquals(302, sent.status());
        assertEquals("/c?d=e", field("Location"));
    }

    @Test
    void redirectionElsewhereStays() throws Exception {
        response.sendRedirect("https://example.org/x");
        response.finish();
        assertEquals("https://example.org/x", field("Location"));
    }

    @Test
    void errorTakesThePlaceOfWhatWasWritten() throws Exception {
        response.getWriter().print("half of");
        response.sendError(404, "not here");
        response.getWriter().print(" it");
        response.finish();
        assertEquals(404, sent.status());
        assertEquals("404 not here\n", sent.text());
    }

    @Test
    void dateHasTwoDigits() throws Exception {
        response.setDateHeader("Last-Modified", 0);
        response.finish();
        assertEquals("Thu, 01 Jan 1970 00:00:00 GMT", field("Last-Modified"));
    }

    @Test
    void answerToHeadSaysItsLength() throws Exception {
        ServletResponseFacade head = to(TestRequest.request("HEAD", "/"));
        head.setContentLength(7);
        head.finish();
        assertEquals(7, sent.body().length);
    }

    @Test
    void answerToHeadSaysNoWrongLength() throws Exception {
        List<String> calls = new ArrayList<>();
        ResponseSink sink = new ResponseSink() {
            @Override
            public void status(int status) {
                calls.add("status");
            }

            @Override
            public void header(String name, String value) {
                calls.add(name);
            }

            @Override
            public void send(byte[] body) {
                calls.add("whole");
            }

            @Override
            public OutputStream stream() {
                calls.add("stream");
                return OutputStream.nullOutputStream();
            }
        };
        ServletResponseFacade head = new ServletResponseFacade(
                sink, new ServletRequestFacade(TestRequest.request("HEAD", "/").build(), null, null, null));
        head.setContentLength(100_000);
        head.finish();
        assertEquals(List.of("status", "stream"), calls);
    }

    @Test
    void charsetEndsBeforeOtherParameters() {
        response.setContentType("text/html;charset=\"utf-8\";x=y");
        assertEquals("utf-8", response.getCharacterEncoding());
    }
}
