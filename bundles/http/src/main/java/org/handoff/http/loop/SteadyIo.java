package org.handoff.http.loop;

import java.io.UncheckedIOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.handoff.http.limits.Complaint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's epoll handler for event loops, with workarounds for three faults of Netty 4.2.18. Each can go with the first
 * version of Netty in which its test passes without it.
 *
 * <ul>
 * <li>If the system has no memory to watch a descriptor ({@code ENOMEM}, {@code ENOSPC}), Netty forgets the awaited
 * events, and never reports that descriptor again. The workaround tries again for {@value #PATIENCE_MILLIS} ms; then it
 * closes the handle, as at the end of the loop.
 * <li>An exception of one handle ends the loop's turn, and with it the events of other handles. The workaround closes
 * the failed handle only.
 * <li>Netty takes a descriptor without awaited events off its epoll set, and forgets that it has to be added again: if
 * a client has closed its side, the first response that it does not take at once would end the connection with
 * {@code ENOENT}. The workaround leaves such a descriptor in the set for errors, which the system always reports.
 * </ul>
 */
public final class SteadyIo {

    private static final Logger LOG = LoggerFactory.getLogger(SteadyIo.class);

    private static final long RETRY_MILLIS = 10;
    private static final long PATIENCE_MILLIS = 2000;

    // From Linux's asm-generic/errno-base.h.
    private static final int ENOMEM = 12;
    private static final int ENOSPC = 28;

    // From Linux's linux/eventpoll.h.
    private static final int EPOLLHUP = 0x10;
    private static final int ALWAYS_REPORTED = EpollIoOps.EPOLLERR.value() | EPOLLHUP;

    private SteadyIo() {}

    /** For event loops of a {@link io.netty.channel.MultiThreadIoEventLoopGroup}. */
    public static IoHandlerFactory newFactory() {
        return newFactory(EpollIoHandler.newFactory());
    }

    /** @param netty makes handlers of epoll, or what looks like them */
    static IoHandlerFactory newFactory(IoHandlerFactory netty) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new Handler(netty.newHandler(executor), (ScheduledExecutorService) executor);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return netty.isChangingThreadSupported();
            }
        };
    }

    private static final class Handler extends ForwardingIoHandler {

        private final ScheduledExecutorService loop;
        private final Complaint refused = new Complaint();

        Handler(IoHandler netty, ScheduledExecutorService loop) {
            super(netty);
            this.loop = loop;
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            Watched watched = new Watched(this, (EpollIoHandle) handle);
            watched.netty = netty.register(watched);
            return watched;
        }

        private void complain(int descriptor, String refusal) {
            refused.happens();
            if (refused.take(System.nanoTime()) > 0) {
                LOG.warn(
                        "The system does not watch descriptor {}: {}, {} times so far. Trying again; check the "
                                + "memory of this machine, and fs.epoll.max_user_watches",
                        descriptor,
                        refusal,
                        refused.times());
            }
        }
    }

    /**
     * A handle for the event loop, and a registration for that handle. On the loop's thread, but for {@link #isValid}
     * and {@link #cancel}.
     */
    private static final class Watched implements EpollIoHandle, IoRegistration {

        private final Handler handler;
        private final EpollIoHandle handle;
        private IoRegistration netty;
        /** The events to be watched, while the system watches others; or null. */
        private EpollIoOps wanted;

        private long wantedSince;

        Watched(Handler handler, EpollIoHandle handle) {
            this.handler = handler;
            this.handle = handle;
        }

        // ---- the handle

        @Override
        public FileDescriptor fd() {
            return handle.fd();
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            EpollIoOps ops = ((EpollIoEvent) event).ops();
            int awaited = wanted == null ? ops.value() : ops.value() & (wanted.value() | ALWAYS_REPORTED);
            if (awaited == 0) {
                return;
            }
            try {
                handle.handle(this, awaited == ops.value() ? event : new Event(EpollIoOps.valueOf(awaited)));
            } catch (RuntimeException e) {
                LOG.error(
                        "The owner of descriptor {} has failed, so the descriptor is closed: {}",
                        fd().intValue(),
                        handle,
                        e);
                close();
            }
        }

        @Override
        public void registered() {
            handle.registered();
        }

        @Override
        public void unregistered() {
            handle.unregistered();
        }

        @Override
        public void close() {
            try {
                handle.close();
            } catch (Exception e) {
                LOG.error("Cannot close the owner of descriptor {}: {}", fd().intValue(), handle, e);
            }
        }

        // ---- the registration

        @Override
        public <T> T attachment() {
            return netty.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            EpollIoOps next = EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLERR : (EpollIoOps) ops;
            if (wanted != null) {
                wanted = next;
            } else if (!watch(next)) {
                wanted = next;
                wantedSince = System.nanoTime();
                tryLater();
            }
            return next.value();
        }

        /** @return false if the system refuses, and may not do so later */
        private boolean watch(EpollIoOps ops) {
            try {
                netty.submit(ops);
                return true;
            } catch (UncheckedIOException e) {
                handler.complain(fd().intValue(), e.getCause().getMessage());
                int error = e.getCause() instanceof NativeIoException refusal ? -refusal.expectedErr() : 0;
                if (error == ENOMEM || error == ENOSPC) {
                    return false;
                }
                handler.loop.execute(this::giveUp);
                return true;
            }
        }

        private void tryLater() {
            handler.loop.schedule(this::tryAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void tryAgain() {
            if (!isValid() || watch(wanted)) {
                wanted = null;
            } else if (System.nanoTime() - wantedSince > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                giveUp();
            } else {
                tryLater();
            }
        }

        private void giveUp() {
            if (isValid()) {
                LOG.debug("descriptor {} cannot be watched: {} is closed", fd().intValue(), handle);
                close();
            }
        }

        @Override
        public boolean isValid() {
            return netty.isValid();
        }

        @Override
        public boolean cancel() {
            return netty.cancel();
        }
    }

    /** The remaining part of an event. */
    private record Event(EpollIoOps ops) implements EpollIoEvent {}
}
