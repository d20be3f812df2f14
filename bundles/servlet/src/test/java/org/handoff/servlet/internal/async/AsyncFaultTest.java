package org.handoff.servlet.internal.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import org.handoff.servlet.internal.request.KeptBodies;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.HandlerSink;
import org.handoff.servlet.internal.response.ServletResponseFacade;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.testing.TestRequest;
import org.handoff.worker.api.testing.TestResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AsyncFaultTest {

    private final AsyncThreads threads = new AsyncThreads();
    private final TestResponse sent = new TestResponse();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch complete = new CountDownLatch(1);
    private final BlockingQueue<AsyncContext> begun = new LinkedBlockingQueue<>();
    private Runnable save = () -> {};

    @AfterEach
    void stop() {
        threads.close();
    }

    /** Tells what it hears, and of the end. */
    private class Listener extends Told {

        Listener() {
            super(heard);
        }

        @Override
        public void onComplete(AsyncEvent event) {
            super.onComplete(event);
            complete.countDown();
        }
    }

    private AsyncContext begin(ServletRequestFacade request) {
        return begin(request, new Listener());
    }

    private AsyncContext begin(ServletRequestFacade request, AsyncListener listener) {
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        context.addListener(listener);
        begun.add(context);
        return context;
    }

    private void answer(AsyncAnswer.Service service) throws Exception {
        AsyncAnswer answer = new AsyncAnswer(threads, new KeptBodies(0), service, () -> save.run());
        ServletRequestFacade request =
                new ServletRequestFacade(TestRequest.get("/").build(), null, null, answer);
        answer.answer(request, new ServletResponseFacade(new HandlerSink(sent), request), sent);
    }

    /** As the Whiteboard does. */
    private static void fail(ServletRequestFacade request, ServletResponseFacade response) throws IOException {
        request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, new IOException("on purpose"));
        if (!response.isCommitted()) {
            response.sendError(500);
        }
    }

    @Test
    void answersAtOnce() throws Exception {
        answer((request, response) -> response.getWriter().print("now"));
        assertEquals("now", sent.text());
    }

    @Test
    void answersLater() throws Exception {
        answer((request, response) -> begin(request));
        AsyncContext context = begun.take();
        context.getRequest();
        context.start(() -> heard.add("task"));
        context.complete();
        complete.await();
        assertTrue(sent.hasEnded());
        assertEquals("", sent.text());
    }

    @Test
    void whatIsCompleteBeforeTheReturnIsSentWhole() throws Exception {
        answer((request, response) -> {
            AsyncContext context = begin(request);
            response.getOutputStream().print("first ");
            response.flushBuffer();
            response.getOutputStream().print("second");
            context.complete();
        });
        assertEquals("first second", sent.text());
        assertTrue(sent.hasEnded());
        assertEquals(List.of("complete"), heard);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void beginningFailsWhereNoMoreMayBegin() {
        TestResponse full = new TestResponse();
        full.async(Duration.ofDays(1), 503);
        AsyncAnswer answer = new AsyncAnswer(
                threads,
                new KeptBodies(0),
                (request, response) -> {
                    assertThrows(IllegalStateException.class, request::startAsync);
                    assertFalse(request.isAsyncStarted());
                    throw new HttpException(503, "too many");
                },
                () -> {});
        ServletRequestFacade request =
                new ServletRequestFacade(TestRequest.get("/").build(), null, null, answer);
        ServletResponseFacade response = new ServletResponseFacade(new HandlerSink(full), request);
        assertThrows(HttpException.class, () -> answer.answer(request, response, full));
    }

    @Test
    void errorAfterTheBeginningIsToldToItsListeners() {
        assertThrows(
                AssertionError.class,
                () -> answer((request, response) -> {
                    begin(request);
                    throw new AssertionError("on purpose");
                }));
        assertEquals(List.of("error", "complete"), heard);
    }

    @Test
    void faultAfterAPartWasSentIsSeen() {
        assertThrows(
                ServletException.class,
                () -> answer((request, response) -> {
                    response.getOutputStream().print("half of it");
                    response.flushBuffer();
                    fail(request, response);
                }));
        assertEquals("half of it", sent.text());
    }

    @Test
    void faultAfterAPartWasSentLaterIsSeen() throws Exception {
        answer((request, response) -> {
            if (begun.isEmpty()) {
                begin(request);
            } else {
                response.getOutputStream().print("half of it");
                response.flushBuffer();
                fail(request, response);
            }
        });
        begun.element().dispatch();
        complete.await();
        assertEquals("half of it", sent.text());
        assertTrue(sent.wasCut());
    }

    @Test
    void faultAfterTheBeginningIsAnsweredAtOnce() throws Exception {
        answer((request, response) -> {
            begin(request);
            fail(request, response);
        });
        assertEquals(500, sent.status());
        assertTrue(sent.hasEnded());
        assertEquals(List.of("error", "complete"), heard);
        assertThrows(IllegalStateException.class, begun.take()::complete);
    }

    @Test
    void listenerOfAFaultMayAnswer() throws Exception {
        answer((request, response) -> {
            begin(request, new Listener() {
                @Override
                public void onError(AsyncEvent event) {
                    response.reset();
                    response.setStatus(418);
                    event.getAsyncContext().complete();
                }
            });
            request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, new IOException("on purpose"));
        });
        assertEquals(418, sent.status());
        assertTrue(sent.hasEnded());
    }

    @Test
    void sessionThatIsNotSavedFailsTheAnswer() throws Exception {
        save = () -> {
            throw new IllegalStateException("on purpose");
        };
        answer((request, response) -> begin(request));
        begun.take().complete();
        assertEquals(500, sent.status());
        assertTrue(sent.hasEnded());
    }

    @Test
    void sessionThatIsNotSavedCutsWhatWasBegun() throws Exception {
        save = () -> {
            throw new IllegalStateException("on purpose");
        };
        answer((request, response) -> {
            begin(request);
            response.getOutputStream().print("half of it");
            response.flushBuffer();
        });
        assertFalse(sent.wasCut());
        begun.take().complete();
        assertTrue(sent.wasCut());
        assertEquals(List.of("complete"), heard);
    }

    @Test
    void listenerWritesOnceTheHandlerHasReturned() throws Exception {
        byte[] piece = new byte[10_000];
        Thread handler = Thread.currentThread();
        answer((request, response) -> {
            AsyncContext context = begin(request);
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new WriteListener() {
                private int left = 100;

                @Override
                public void onWritePossible() throws IOException {
                    assertFalse(Thread.currentThread() == handler);
                    while (out.isReady() && left > 0) {
                        out.write(piece);
                        left--;
                    }
                    context.complete();
                }

                @Override
                public void onError(Throwable fault) {
                    heard.add("failed");
                }
            });
            assertEquals(0, sent.body().length);
        });
        complete.await();
        assertEquals(100 * piece.length, sent.body().length);
        assertEquals(List.of("complete"), heard);
    }

    @Test
    void faultOfAWriterIsToldToIt() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        answer((request, response) -> {
            begin(request);
            WriteListener listener = new WriteListener() {
                @Override
                public void onWritePossible() {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void onError(Throwable fault) {
                    told.countDown();
                }
            };
            response.getOutputStream().setWriteListener(listener);
            assertThrows(
                    IllegalStateException.class,
                    () -> response.getOutputStream().setWriteListener(listener));
            assertThrows(
                    NullPointerException.class, () -> response.getOutputStream().setWriteListener(null));
        });
        told.await();
    }

    @Test
    void listenerNeedsAnAsynchronousAnswer() throws Exception {
        WriteListener none = new WriteListener() {
            @Override
            public void onWritePossible() {
                heard.add("possible");
            }

            @Override
            public void onError(Throwable fault) {
                heard.add("failed");
            }
        };
        answer((request, response) -> assertThrows(
                IllegalStateException.class, () -> response.getOutputStream().setWriteListener(none)));
        assertEquals(List.of(), heard);
    }

    @Test
    void timeIsOverThoughAllTasksWait() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        answer((request, response) -> {
            AsyncContext context = begin(request);
            context.setTimeout(1);
            for (int i = 0; i < 100; i++) {
                context.start(() -> await(never));
            }
        });
        complete.await();
        never.countDown();
        assertEquals(List.of("timeout", "complete"), heard);
        assertEquals(500, sent.status());
    }

    @Test
    void dispatchesThoughAllTasksWait() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        answer((request, response) -> {
            if (begun.isEmpty()) {
                AsyncContext context = begin(request);
                for (int i = 0; i < 100; i++) {
                    context.start(() -> await(never));
                }
            } else {
                response.getOutputStream().print("dispatched");
            }
        });
        begun.element().dispatch();
        complete.await();
        never.countDown();
        assertEquals("dispatched", sent.text());
    }

    /** A timeout that comes late is none of those that begin after it. */
    @Test
    void timeoutOfAnEarlierTimeEndsNoLaterOne() throws Exception {
        CountDownLatch again = new CountDownLatch(1);
        answer((request, response) -> {
            AsyncContext context = begin(request, new Listener() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                    super.onTimeout(event);
                    event.getAsyncContext().dispatch();
                    await(again);
                }
            });
            if (begun.size() == 1) {
                context.setTimeout(1);
            } else {
                again.countDown();
            }
        });
        again.await();
        begun.take();
        AsyncContext second = begun.take();
        second.start(second::complete);
        complete.await();
        assertEquals(List.of("timeout", "start", "complete"), heard);
        assertEquals(200, sent.status());
    }

    @Test
    void timeoutAfterAPartWasSentIsSeen() throws Exception {
        answer((request, response) -> {
            begin(request).setTimeout(1);
            response.getOutputStream().print("half of it");
            response.flushBuffer();
        });
        complete.await();
        assertTrue(sent.wasCut());
    }

    @Test
    void faultOfAReaderIsToldToIt() throws Exception {
        answer((request, response) -> {
            ReadListener listener = new ReadListener() {
                @Override
                public void onDataAvailable() {
                    heard.add("data");
                }

                @Override
                public void onAllDataRead() {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void onError(Throwable fault) {
                    heard.add("failed");
                }
            };
            assertThrows(
                    IllegalStateException.class, () -> request.getInputStream().setReadListener(listener));
            begin(request).complete();
            request.getInputStream().setReadListener(listener);
            assertThrows(
                    IllegalStateException.class, () -> request.getInputStream().setReadListener(listener));
        });
        assertEquals(List.of("failed", "complete"), heard);
    }
}
