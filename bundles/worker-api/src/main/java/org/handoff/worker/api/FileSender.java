package org.handoff.worker.api;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.handoff.worker.api.ByteRanges.Range;

/** Answers a request with a file, its conditions and ranges evaluated: {@link Response#sendFile}. */
final class FileSender {

    private static final int PIECE = 64 * 1024;
    /**
     * The most bytes of several ranges, which are copied: a slow client of more would hold the handlers' thread. Of more
     * only the first range is sent, without a copy; the client sees that, and asks for the others (RFC 9110, section
     * 15.3.7).
     */
    private static final long MOST_COPIED = 4 << 20;

    /** How often a file may be replaced by another while it is being opened. */
    private static final int TRIES = 10;

    private final Request request;
    private final Response response;

    FileSender(Request request, Response response) {
        this.request = request;
        this.response = response;
    }

    void send(Path path, String type) throws IOException {
        FileInputStream file = null;
        try {
            BasicFileAttributes attributes = null;
            for (int i = 0; attributes == null; i++) {
                Object key = regular(path).fileKey();
                file = new FileInputStream(path.toFile());
                BasicFileAttributes opened = regular(path);
                // The validators must be of the file that was opened.
                if (Objects.equals(key, opened.fileKey())) {
                    attributes = opened;
                } else {
                    file.close();
                    if (i == TRIES) {
                        throw new IOException(path + " is replaced all the time");
                    }
                }
            }
            if (send(file, attributes, type)) {
                file = null;
            }
        } finally {
            if (file != null) {
                file.close();
            }
        }
    }

    private static BasicFileAttributes regular(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException(path + " is not a regular file");
        }
        return attributes;
    }

    /** @return whether the file was taken over */
    private boolean send(FileInputStream file, BasicFileAttributes attributes, String type) throws IOException {
        Validators current = Validators.of(attributes);
        switch (current.evaluate(request)) {
            case FAILED -> {
                error(412);
                return false;
            }
            case NOT_MODIFIED -> {
                response.validators(current).status(304).send(new byte[0]);
                return false;
            }
            default -> {
                // Below.
            }
        }
        long length = attributes.size();
        Optional<List<Range>> ranges = ranges(current, length);
        if (ranges.isPresent() && ranges.get().isEmpty()) {
            response.header("Content-Range", "bytes */" + length);
            error(416);
            return false;
        }
        response.validators(current);
        if (ranges.isPresent() && isCopied(ranges.get())) {
            sendParts(file, ranges.get(), length, type);
            return false;
        }
        response.header("Content-Type", type);
        Range range = new Range(0, length);
        if (ranges.isPresent()) {
            range = ranges.get().get(0);
            response.status(206).header("Content-Range", range.of(length));
        } else {
            response.header("Accept-Ranges", "bytes");
        }
        response.send(file, range.from(), range.length());
        return true;
    }

    private static boolean isCopied(List<Range> ranges) {
        return ranges.size() > 1 && ranges.stream().mapToLong(Range::length).sum() <= MOST_COPIED;
    }

    private void error(int status) {
        // What the handler says of the file does not hold for this answer.
        response.status(status)
                .header("Cache-Control", "no-store")
                .header("Content-Type", "text/plain; charset=utf-8")
                .send((status + (status == 412 ? " Precondition Failed\n" : " Range Not Satisfiable\n"))
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private Optional<List<Range>> ranges(Validators current, long length) {
        List<String> fields = request.headers().all("Range");
        // No range says that it is of nothing.
        boolean asked = request.method().equals("GET") && fields.size() == 1 && length > 0;
        return asked && current.allowRange(request)
                ? ByteRanges.parse(fields.get(0).strip(), length)
                : Optional.empty();
    }

    private void sendParts(FileInputStream file, List<Range> ranges, long length, String type) throws IOException {
        String boundary = "part-" + Long.toHexString(System.nanoTime()) + Long.toHexString(length);
        response.status(206).header("Content-Type", "multipart/byteranges; boundary=" + boundary);
        try (OutputStream body = response.stream()) {
            for (Range range : ranges) {
                String head = "\r\n--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                        + range.of(length) + "\r\n\r\n";
                body.write(head.getBytes(StandardCharsets.ISO_8859_1));
                copy(file, range.from(), range.length(), body);
            }
            body.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Copies a part of a file. @throws IOException if the file is shorter */
    static void copy(FileInputStream file, long offset, long length, OutputStream to) throws IOException {
        FileChannel channel = file.getChannel();
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, length));
        long end = offset + length;
        for (long at = offset; at < end; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), end - at));
            int count = channel.read(piece, at);
            if (count < 0) {
                throw new IOException("A file has become shorter while it was sent");
            }
            to.write(piece.array(), 0, count);
            at += count;
        }
    }
}
