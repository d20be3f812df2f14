package org.handoff.servlet.internal.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import org.handoff.servlet.internal.request.KeptBodies;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.testkit.Await;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsyncAnswerTest {

    private final AsyncThreads threads = new AsyncThreads();
    private final TestResponse sent = new TestResponse();
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        threads.close();
    }

    /** Lets a servlet answer, as the handlers' thread does. */
    private void answer(AsyncAnswer.Service servlet) throws Exception {
        AsyncAnswer answer = new AsyncAnswer(threads, new KeptBodies(0), servlet, () -> events.add("saved"));
        ServletRequestFacade request = new ServletRequestFacade(
                TestRequest.post("/a?b=c", new byte[0]).body("body").build(), null, null, answer);
        answer.answer(request, new ServletResponseFacade(new HandlerSink(sent), request), sent);
    }

    @Test
    void servletThatDoesNotBeginIsAnsweredAtOnce() throws Exception {
        answer((request, response) -> {
            response.getWriter().print("now");
            assertFalse(request.isAsyncStarted());
            assertThrows(IllegalStateException.class, request::getAsyncContext);
        });
        assertEquals("now", sent.text());
        assertEquals(List.of("saved"), events);
    }

    @Test
    void answerThatIsCompleteBeforeTheReturnNeedsNoOther() throws Exception {
        answer((request, response) -> {
            AsyncContext context = request.startAsync();
            context.addListener(new Told(events));
            response.getWriter().print("early");
            context.complete();
            assertThrows(IllegalStateException.class, context::complete);
        });
        assertEquals("early", sent.text());
        assertEquals(List.of("saved", "complete"), events);
    }

    @Test
    void laterAnswerHasTheRequestStill() throws Exception {
        answer((request, response) -> {
            AsyncContext context = request.startAsync();
            context.addListener(new Told(events));
            context.start(() -> {
                try {
                    String body = new String(request.getInputStream().readAllBytes());
                    response.setHeader("X-Later", request.getHeader("Content-Length"));
                    response.getWriter().print(body + " of " + request.getRequestURI());
                } catch (Exception e) {
                    events.add(e.toString());
                }
                context.complete();
            });
        });
        Await.await("the answer", () -> events.contains("complete"));
        assertEquals("body of /a", sent.text());
        assertEquals(List.of("saved", "complete"), events);
    }

    @Test
    void dispatchedRequestGoesToItsServletAgain() throws Exception {
        answer((request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                response.getWriter().print("again " + request.getAttribute("kept"));
            } else {
                request.setAttribute("kept", "yes");
                AsyncContext context = request.startAsync();
                context.addListener(new Told(events));
                context.start(context::dispatch);
            }
        });
        Await.await("the answer", () -> events.contains("complete"));
        assertEquals("again yes", sent.text());
    }

    @Test
    void answerThatNobodyGivesEndsInTime() throws Exception {
        answer((request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(1);
            context.addListener(new Told(events));
        });
        Await.await("the answer", () -> events.contains("complete"));
        assertEquals(500, sent.status());
        assertEquals(List.of("timeout", "saved", "complete"), events);
    }

    @Test
    void clientThatLeavesIsToldAsAnError() throws Exception {
        answer((request, response) -> request.startAsync().addListener(new Told(events)));
        sent.leave();
        Await.await("the end", () -> events.contains("complete"));
        assertEquals("error", events.get(0));
    }

    @Test
    void piecesAreSentAsTheyAreFlushed() throws Exception {
        answer((request, response) -> {
            AsyncContext context = request.startAsync();
            context.addListener(new Told(events));
            response.getWriter().print("a");
            response.flushBuffer();
            assertFalse(response.isCommitted(), "while the handler's thread has it");
            context.start(() -> {
                try {
                    response.getWriter().print("b");
                    response.flushBuffer();
                } catch (Exception e) {
                    events.add(e.toString());
                }
                context.complete();
            });
        });
        Await.await("the answer", () -> events.contains("complete"));
        assertEquals("ab", sent.text());
    }

    @Test
    void startBehindAFlushIsRefused() throws Exception {
        answer((request, response) -> {
            response.flushBuffer();
            assertThrows(IllegalStateException.class, request::startAsync);
        });
    }

    @Test
    void failedServletHasNoAnswer() {
        assertThrows(
                IllegalArgumentException.class,
                () -> answer((request, response) -> {
                    request.startAsync();
                    throw new IllegalArgumentException("of the servlet");
                }));
        assertTrue(events.isEmpty());
    }
}
