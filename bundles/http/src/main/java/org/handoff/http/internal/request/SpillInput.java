package org.handoff.http.internal.request;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.handoff.http.FileInput;
import org.handoff.http.internal.file.FileBytes;

/**
 * Reads the bytes of a file, and those read after them, before the bytes still in the socket: a piece for each turn of
 * the event loop, and only on demand. Then it leaves the pipeline.
 */
public final class SpillInput extends ChannelDuplexHandler {

    private static final int PIECE = 64 * 1024;

    private final FileInput input;
    private long at;
    /** The bytes after those of the file. */
    private ByteBuf behind;

    private Object inputEnd;
    private ChannelHandlerContext ctx;
    private boolean asked;
    private boolean done;

    /** @param behind the bytes read after those of the file; released here */
    public SpillInput(FileInput input, ByteBuf behind) {
        this.input = input;
        this.behind = behind;
        at = input.from();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    /** The number of bytes not passed on yet. */
    public long remaining() {
        return done ? 0 : inFile() + behind.readableBytes();
    }

    /** The number of the file's bytes not passed on yet. */
    public long inFile() {
        return input.to() - at;
    }

    /** Whether all bytes were passed on. */
    public boolean isDone() {
        return done;
    }

    /** Takes the bytes after those of the file, which need not be passed on any more; the caller releases them. */
    public ByteBuf takeBehind() {
        ByteBuf taken = behind;
        behind = Unpooled.EMPTY_BUFFER;
        return taken;
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (done) {
            context.read();
        } else if (!asked) {
            asked = true;
            // A task executed at once would run in the same turn, before other connections' input.
            context.executor().schedule(this::bring, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void bring() {
        asked = false;
        if (done || !ctx.channel().isOpen()) {
            return;
        }
        if (inFile() > 0) {
            try {
                ctx.fireChannelRead(piece());
            } catch (IOException e) {
                ctx.fireExceptionCaught(new IllegalStateException("A request cannot be read from its file", e));
                return;
            }
        } else {
            end();
        }
        if (ctx.channel().config().isAutoRead() && !ctx.isRemoved()) {
            read(ctx);
        }
    }

    private ByteBuf piece() throws IOException {
        int count = (int) Math.min(PIECE, inFile());
        ByteBuf piece = FileBytes.read(ctx.alloc(), input.file(), at, count, "A file with a request");
        at += count;
        return piece;
    }

    private void end() {
        done = true;
        ByteBuf last = takeBehind();
        if (last.isReadable()) {
            ctx.fireChannelRead(last);
        } else {
            last.release();
        }
        if (inputEnd != null) {
            ctx.fireUserEventTriggered(inputEnd);
        }
        // The receiver of the last bytes may have removed all handlers from the pipeline.
        if (!ctx.isRemoved()) {
            boolean goesOn = ctx.channel().config().isAutoRead();
            ctx.pipeline().remove(this);
            if (goesOn) {
                ctx.channel().read();
            }
        }
    }

    /** Netty reads without demand when the client has closed its side. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (done) {
            context.fireChannelRead(message);
        } else {
            behind = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), behind, (ByteBuf) message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !done) {
            inputEnd = event;
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        done = true;
        takeBehind().release();
    }
}
