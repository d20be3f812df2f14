package org.handoff.http.loop;

import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.util.concurrent.ThreadAwareExecutor;
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
    private volatile RuntimeException failure;
    private volatile long slowAt;
    private final AtomicInteger slow = new AtomicInteger();
    private final CompletableFuture<Error> broken = new CompletableFuture<>();
    private final SharedLoop loop = new SharedLoop(OWN, HANDLERS, SteadyIo.newFactory(), new SharedLoop.Observer() {
        @Override
        public boolean areQuick() {
            return quick;
        }

        @Override
        public void unwatched() {
            assertTrue(loop().inEventLoop());
            slowAt = System.nanoTime();
            slow.incrementAndGet();
            if (failure != null) {
                throw failure;
            }
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

    /** The loop's own thread; called before anything else. */
    private Thread ownThread() throws Exception {
        // The loop begins there.
        return loop.submit(() -> Thread.currentThread()).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
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
    void aHandlerMayLeaveTheLoopBeforeItIsSlow() throws Exception {
        awaitLoopOn(HANDLERS);
        assertEquals(OWN, handle(() -> {
            loop.leave();
            assertEquals(false, loop.isWatched());
            return threadOfLoop();
        }));
        awaitLoopOn(HANDLERS);
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
        spin(slowly ? 3 : 0);
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

    @Test
    void aHandlerThatHasRunTasksHoldsUpNoTaskLater() throws Exception {
        awaitLoopOn(HANDLERS);
        assertEquals(OWN, handle(() -> {
            // Long enough for several looks of the loop's own thread while the tasks run.
            loop.execute(() -> spin(10 * SharedLoop.SLOW_MILLIS));
            loop.runTasks();
            return threadOfLoop();
        }));
    }

    private static void spin(long millis) {
        long since = System.nanoTime();
        while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(millis)) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aHandlerThatHasJustBegunIsNotSlow() throws Exception {
        Thread own = ownThread();
        // Several times: on a busy machine much time passes anyhow.
        for (int i = 0; i < 20; i++) {
            awaitLoopOn(HANDLERS);
            Await.await("rest of its own thread", () -> own.getState() == Thread.State.WAITING);
            int before = slow.get();
            long begin = System.nanoTime();
            handle(() -> {
                while (slow.get() == before) {
                    LockSupport.unpark(own);
                }
                return null;
            });
            long after = slowAt - begin;
            assertTrue(
                    after >= TimeUnit.MILLISECONDS.toNanos(SharedLoop.SLOW_MILLIS),
                    () -> "slow after " + after + " ns");
        }
    }

    @Test
    void anInterruptedHandlerInterruptsNothingElse() throws Exception {
        awaitLoopOn(HANDLERS);
        awaitEquals(
                "a task on the interrupted handler's thread",
                true,
                () -> handle(() -> {
                    Thread thread = Thread.currentThread();
                    AtomicReference<Thread> ranOn = new AtomicReference<>();
                    AtomicBoolean interrupted = new AtomicBoolean();
                    loop.execute(() -> {
                        interrupted.set(Thread.currentThread().isInterrupted());
                        ranOn.set(Thread.currentThread());
                    });
                    thread.interrupt();
                    loop.runTasks();
                    assertTrue(thread.isInterrupted());
                    assertFalse(interrupted.get());
                    return ranOn.get() == thread;
                }));
        assertFalse(handle(() -> Thread.currentThread().isInterrupted()));
        awaitEquals("a task on the handlers' thread, not interrupted", HANDLERS + false, () -> {
            handle(() -> {
                Thread.currentThread().interrupt();
                return null;
            });
            return loop.submit(() -> Thread.currentThread().getName()
                            + Thread.currentThread().isInterrupted())
                    .get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        });
    }

    @Test
    void anExceptionOfAHandlersTaskEndsNothingElse() throws Exception {
        Thread before = handle(Thread::currentThread);
        loop.handlers().execute(() -> {
            throw new IllegalStateException("as the test wants");
        });
        assertSame(before, handle(Thread::currentThread));
        awaitLoopOn(HANDLERS);
    }

    @Test
    void anExceptionOfTheObserverEndsNothingElse() throws Exception {
        awaitLoopOn(HANDLERS);
        failure = new IllegalStateException("as the test wants");
        int before = slow.get();
        handle(() -> {
            Await.await("slow handler", () -> slow.get() > before);
            return threadOfLoop();
        });
        awaitLoopOn(HANDLERS);
    }

    @Test
    void theHandlersThreadEndsThoughItIsAboutToWaitForSockets() throws Exception {
        AtomicReference<Thread> handlersThread = new AtomicReference<>();
        AtomicReference<Runnable> beforeWait = new AtomicReference<>();
        SharedLoop waiting = new SharedLoop(OWN, HANDLERS, beforeTurns(beforeWait), new SharedLoop.Observer() {
            @Override
            public boolean areQuick() {
                return true;
            }

            @Override
            public void unwatched() {}

            @Override
            public void broken(Error cause) {}
        });
        try {
            beforeWait.set(() -> {
                if (Thread.currentThread().getName().equals(HANDLERS)
                        && handlersThread.compareAndSet(null, Thread.currentThread())) {
                    CompletableFuture.runAsync(waiting::closeHandlers).join();
                }
            });
            // The only timer, and after it nothing that would wake the thread.
            waiting.schedule(() -> {}, 1, TimeUnit.HOURS);
            Await.await(
                    "end of the handlers' thread",
                    () -> handlersThread.get() != null && !handlersThread.get().isAlive());
        } finally {
            waiting.closeHandlers();
            waiting.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static IoHandlerFactory beforeTurns(AtomicReference<Runnable> action) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new ForwardingIoHandler(SteadyIo.newFactory().newHandler(executor)) {
                    @Override
                    public int run(IoHandlerContext context) {
                        Runnable now = action.get();
                        if (now != null) {
                            now.run();
                        }
                        return super.run(context);
                    }
                };
            }

            @Override
            public boolean isChangingThreadSupported() {
                return true;
            }
        };
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
