package org.handoff.lrwp.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.handoff.http.StreamedRequest;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request of the container. All of it is copied, as the container's own object is for the container's thread only;
 * the body goes to an unlinked file if it is not small, or memory is short.
 */
final class ContainerRequest implements StreamedRequest {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerRequest.class);

    /** The largest number of nine digits. */
    private static final long MAX_BODY = 999_999_999;

    private static final int MEMORY = 64 * 1024;

    private final String method;
    private final String target;
    private final RequestTarget parsed;
    private final String protocol;
    private final String scheme;
    private final String user;
    private final List<Map.Entry<String, String>> fields = new ArrayList<>();
    private final InetSocketAddress client;
    private final InetSocketAddress server;
    private final MemoryBudget budget;
    /** The bytes taken of the budget. */
    private int taken;

    private byte[] memory = {};
    private FileChannel file;
    private long length;

    /** @param budget counts the body @throws MalformedRequestException if the path is not valid for peers */
    ContainerRequest(HttpServletRequest http, MemoryBudget budget)
            throws MalformedRequestException, UnknownHostException {
        this.budget = budget;
        method = http.getMethod();
        target = http.getQueryString() == null
                ? http.getRequestURI()
                : http.getRequestURI() + '?' + http.getQueryString();
        parsed = RequestTarget.parse(method, target, http.getHeader("Host"));
        protocol = http.getProtocol();
        scheme = http.getScheme();
        user = http.getRemoteUser() == null ? "" : http.getRemoteUser();
        for (String name : Collections.list(http.getHeaderNames())) {
            Collections.list(http.getHeaders(name)).forEach(value -> fields.add(Map.entry(name, value)));
        }
        client = address(http.getRemoteAddr(), http.getRemotePort());
        server = address(http.getLocalAddr(), http.getLocalPort());
    }

    /** Numeric addresses, as containers write them, are not looked up. */
    private static InetSocketAddress address(String address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }

    /**
     * Receives the body, which may wait for the client.
     *
     * @return false if it is too long for LRWP; then nothing is kept
     */
    boolean collect(InputStream in) throws IOException {
        byte[] first = in.readNBytes(MEMORY);
        if (first.length < MEMORY && budget.take(first.length)) {
            memory = first;
            taken = first.length;
            length = first.length;
            return true;
        }
        Path path = Files.createTempFile("handoff-lrwp", null);
        try {
            file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(path);
        }
        try {
            write(first, first.length);
            byte[] piece = new byte[MEMORY];
            for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
                if (length + got > MAX_BODY) {
                    close();
                    return false;
                }
                write(piece, got);
            }
            return true;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void write(byte[] bytes, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        length += count;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public RequestTarget parsedTarget() {
        return parsed;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public String scheme() {
        return scheme;
    }

    @Override
    public Iterable<Map.Entry<String, String>> fields() {
        return fields;
    }

    @Override
    public InetSocketAddress client() {
        return client;
    }

    @Override
    public InetSocketAddress server() {
        return server;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public ByteBuf read(ByteBufAllocator alloc, long offset, int most) throws IOException {
        int count = (int) Math.min(most, length - offset);
        ByteBuf piece = alloc.directBuffer(count);
        if (file == null) {
            return piece.writeBytes(memory, (int) offset, count);
        }
        try {
            while (piece.readableBytes() < count) {
                int at = piece.readableBytes();
                if (piece.writeBytes(file, offset + at, count - at) < 0) {
                    throw new EOFException("A body's file is shorter than what was written to it");
                }
            }
            return piece;
        } catch (IOException e) {
            piece.release();
            throw e;
        }
    }

    @Override
    public void close() {
        budget.give(taken);
        taken = 0;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("Cannot close the body of a request", e);
            }
        }
    }
}
