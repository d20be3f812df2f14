package org.handoff.http.loop;

import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop whose epoll refuses. */
@Timeout(300)
class SteadyIoTest {

    private static final int ENOMEM = 12;

    /** What epoll_ctl still refuses, for lack of memory. */
    private int refusals;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, SteadyIo.newFactory(new Refusing(EpollIoHandler.newFactory())));
    private final IoEventLoop loop = group.next();

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void aRefusedDescriptorIsWatchedLater() throws Exception {
        Pipe pipe = new Pipe();
        onLoop(() -> {
            refusals = 5;
            return pipe.register().submit(EpollIoOps.EPOLLIN);
        });
        pipe.write();
        assertTrue(pipe.event().contains(EpollIoOps.EPOLLIN));
        assertEquals(0, onLoop(() -> refusals));
        pipe.end();
    }

    @Test
    void whatIsNotAwaitedAnyMoreIsNotReportedThoughEpollRefusesToForgetIt() throws Exception {
        Pipe pipe = new Pipe();
        onLoop(() -> {
            IoRegistration registration = pipe.register();
            registration.submit(EpollIoOps.EPOLLIN);
            refusals = 5;
            registration.submit(EpollIoOps.EPOLLERR);
            pipe.write();
            return null;
        });
        awaitEquals("the last refusal", 0, () -> onLoop(() -> refusals));
        pipe.closeWriter();
        EpollIoOps first = pipe.event();
        assertFalse(first.contains(EpollIoOps.EPOLLIN), "the hang-up, and nothing before");
        pipe.end();
    }

    @Test
    void aDescriptorThatIsRefusedForGoodIsClosed() throws Exception {
        Pipe pipe = new Pipe();
        onLoop(() -> {
            refusals = Integer.MAX_VALUE;
            return pipe.register().submit(EpollIoOps.EPOLLIN);
        });
        assertEquals("closed", pipe.closed.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        pipe.end();
    }

    @Test
    void anExceptionOfOneHandleIsNobodyElses() throws Exception {
        Pipe bad = new Pipe();
        Pipe good = new Pipe();
        bad.fails = true;
        // Both events come in the same turn.
        onLoop(() -> {
            bad.register().submit(EpollIoOps.EPOLLIN);
            good.register().submit(EpollIoOps.EPOLLIN);
            bad.write();
            good.write();
            return null;
        });
        assertEquals("closed", bad.closed.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        good.event();
        assertEquals(onLoop(() -> bad.turn), onLoop(() -> good.turn), "in the same turn");
        bad.end();
        good.end();
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private int turns;

    /** A handle of the end of a pipe that is read. */
    private final class Pipe implements EpollIoHandle {

        final BlockingQueue<EpollIoOps> events = new LinkedBlockingQueue<>();
        final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
        private final FileDescriptor[] ends;
        boolean fails;
        /** In which turn of the loop the first event came. */
        int turn;

        private IoRegistration registration;

        Pipe() throws Exception {
            ends = FileDescriptor.pipe();
        }

        IoRegistration register() {
            registration = loop.register(this).getNow();
            return registration;
        }

        void write() throws Exception {
            ends[1].write(ByteBuffer.allocateDirect(1), 0, 1);
        }

        void closeWriter() throws Exception {
            ends[1].close();
        }

        EpollIoOps event() throws InterruptedException {
            return events.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }

        void end() throws Exception {
            onLoop(() -> registration.cancel());
            ends[0].close();
            ends[1].close();
        }

        @Override
        public FileDescriptor fd() {
            return ends[0];
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            turn = turn == 0 ? turns : turn;
            if (fails) {
                throw new IllegalStateException("as the test wants it");
            }
            events.add(((EpollIoEvent) event).ops());
        }

        @Override
        public void close() {
            registration.cancel();
            closed.add("closed");
        }
    }

    /** Netty's handlers, whose epoll_ctl fails as often as the test says. */
    private final class Refusing implements IoHandlerFactory {

        private final IoHandlerFactory netty;

        Refusing(IoHandlerFactory netty) {
            this.netty = netty;
        }

        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
            IoHandler handler = netty.newHandler(executor);
            return new IoHandler() {
                @Override
                public void initialize() {
                    handler.initialize();
                }

                @Override
                public int run(IoHandlerContext context) {
                    turns++;
                    return handler.run(context);
                }

                @Override
                public void prepareToDestroy() {
                    handler.prepareToDestroy();
                }

                @Override
                public void destroy() {
                    handler.destroy();
                }

                @Override
                public IoRegistration register(IoHandle handle) throws Exception {
                    return refusing(handler.register(handle));
                }

                @Override
                public void wakeup() {
                    handler.wakeup();
                }

                @Override
                public boolean isCompatible(Class<? extends IoHandle> type) {
                    return handler.isCompatible(type);
                }
            };
        }

        private IoRegistration refusing(IoRegistration registration) {
            return new IoRegistration() {
                @Override
                public <T> T attachment() {
                    return registration.attachment();
                }

                @Override
                public long submit(IoOps ops) {
                    if (refusals > 0) {
                        refusals--;
                        throw new UncheckedIOException(Errors.newIOException("epoll_ctl", -ENOMEM));
                    }
                    return registration.submit(ops);
                }

                @Override
                public boolean isValid() {
                    return registration.isValid();
                }

                @Override
                public boolean cancel() {
                    return registration.cancel();
                }
            };
        }
    }
}
