package org.handoff.http.loop;

import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which of two threads runs a loop, while handlers are quick and while one is slow. */
@Timeout(300)
class SharedLoopTest {

    private static final String OWN = "own";
    private static final String HANDLERS = "handlers";

    private volatile boolean quick = true;
    private final AtomicInteger slow = new AtomicInteger();
    private final CompletableFuture<Error> broken = new CompletableFuture<>();
    private final SharedLoop loop = new SharedLoop(OWN, HANDLERS, SteadyIo.newFactory(), new SharedLoop.Observer() {
        @Override
        public boolean areQuick() {
            return quick;
        }

        @Override
        public void slow() {
            assertTrue(loop().inEventLoop());
            slow.incrementAndGet();
        }

        @Override
        public void broken(Error cause) {
            broken.complete(cause);
        }
    });

    private SharedLoop loop() {
        return loop;
    }

    @AfterEach
    void end() {
        loop.closeHandlers();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private String threadOfLoop() throws Exception {
        return loop.submit(() -> {
                    assertTrue(loop.inEventLoop());
                    return Thread.currentThread().getName();
                })
                .get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Calls a handler, and waits for it. */
    private <T> T handle(Callable<T> handler) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.handlers().execute(() -> {
            try {
                result.complete(handler.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return get(result);
    }

    private void awaitLoopOn(String thread) throws Exception {
        awaitEquals("thread of the loop", thread, () -> {
            handle(() -> null);
            return threadOfLoop();
        });
    }

    @Test
    void whileHandlersAreQuickTheLoopIsOnTheirThread() throws Exception {
        awaitLoopOn(HANDLERS);
        assertEquals(HANDLERS, handle(() -> Thread.currentThread().getName()));
        assertEquals(HANDLERS, threadOfLoop());
    }

    @Test
    void whileTheyAreNotTheLoopIsOnItsOwn() throws Exception {
        quick = false;
        for (int i = 0; i < 100; i++) {
            assertEquals(HANDLERS, handle(() -> Thread.currentThread().getName()));
            assertEquals(OWN, threadOfLoop());
        }
    }

    @Test
    void aSlowHandlerHoldsUpNoTaskAndNoTimer() throws Exception {
        awaitLoopOn(HANDLERS);
        int before = slow.get();
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Void> timer = new CompletableFuture<>();
        loop.submit(() -> loop.schedule(() -> timer.complete(null), 5, TimeUnit.MILLISECONDS))
                .sync();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        loop.handlers().execute(() -> {
            begun.complete(null);
            awaitUninterruptibly(end);
        });
        get(begun);
        assertEquals(OWN, threadOfLoop());
        get(timer);
        assertEquals(before + 1, slow.get());
        // It is not given back as long as the same handler runs, whatever the average says.
        for (int i = 0; i < 100; i++) {
            assertEquals(OWN, threadOfLoop());
        }
        end.countDown();
        awaitLoopOn(HANDLERS);
    }

    @Test
    void withinAHandlerNoThreadIsTheLoops() throws Exception {
        awaitLoopOn(HANDLERS);
        assertEquals(false, handle(() -> loop.inEventLoop()));
    }

    @Test
    void aHandlerMayRunTheTasksOfALoopOnItsThread() throws Exception {
        awaitLoopOn(HANDLERS);
        awaitEquals(
                "a task on the handler's thread",
                true,
                () -> handle(() -> {
                    CompletableFuture<Thread> task = new CompletableFuture<>();
                    loop.execute(() -> {
                        assertTrue(loop.inEventLoop());
                        task.complete(Thread.currentThread());
                    });
                    loop.runTasks();
                    // Else its own thread has just taken the loop.
                    return get(task) == Thread.currentThread();
                }));
    }

    @Test
    void aHandlerRunsNoTasksOfALoopThatIsElsewhere() throws Exception {
        quick = false;
        assertEquals(OWN, handle(() -> {
            CompletableFuture<String> task = new CompletableFuture<>();
            loop.execute(() -> task.complete(Thread.currentThread().getName()));
            loop.runTasks();
            return get(task);
        }));
    }

    @Test
    void handlersAndTasksOfManyThreadsAllRunAndOneAtATime() throws Exception {
        int threads = 8;
        int each = 2_000;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger insideHandlers = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(2 * threads * each);
        for (int i = 0; i < threads; i++) {
            boolean slowly = i == 0;
            new Thread(() -> {
                        for (int n = 0; n < each; n++) {
                            boolean slowNow = slowly && n % 100 == 0;
                            loop.execute(() -> alone(inside, most, false, done));
                            loop.handlers().execute(() -> alone(insideHandlers, most, slowNow, done));
                        }
                    })
                    .start();
        }
        assertTrue(done.await(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), () -> done.getCount() + " have not run");
        assertEquals(1, most.get());
    }

    private static void alone(AtomicInteger inside, AtomicInteger most, boolean slowly, CountDownLatch done) {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        long since = System.nanoTime();
        while (slowly && System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(3)) {
            Thread.onSpinWait();
        }
        inside.decrementAndGet();
        done.countDown();
    }

    @Test
    void handlersThatHaveComeRunBeforeTheEndAndNoneAfterwards() throws Exception {
        awaitLoopOn(HANDLERS);
        CountDownLatch ran = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            loop.handlers().execute(ran::countDown);
        }
        loop.closeHandlers();
        assertTrue(ran.await(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        assertThrows(RejectedExecutionException.class, () -> loop.handlers().execute(() -> {}));
        awaitEquals("thread of the loop", OWN, this::threadOfLoop);
    }

    @Test
    void theEndOfALoopOnTheHandlersThreadIsComplete() throws Exception {
        awaitLoopOn(HANDLERS);
        CompletableFuture<Void> last = new CompletableFuture<>();
        loop.execute(() -> last.complete(null));
        assertTrue(loop.shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .awaitUninterruptibly(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        get(last);
    }

    @Test
    void anErrorOfAHandlersTaskIsTold() throws Exception {
        Error error = new StackOverflowError();
        loop.handlers().execute(() -> {
            throw error;
        });
        assertSame(error, get(broken));
        assertEquals(HANDLERS, handle(() -> Thread.currentThread().getName()));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
