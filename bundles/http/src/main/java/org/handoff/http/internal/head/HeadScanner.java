package org.handoff.http.internal.head;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import org.handoff.http.routing.MalformedRequestException;

/**
 * Finds the end of a request head, and its beginning behind empty lines (RFC 9112, section 2.2), inspecting each byte
 * once, even of a slow client. It takes the strict side wherever lenient parsers differ (a bare CR or LF, folded lines,
 * other white space, control characters), because every such difference between two parsers on a request's way is a
 * security hole.
 */
public final class HeadScanner implements ByteProcessor {

    private static final int MAX_EMPTY_LINES = 8;
    private static final byte[] HEAD = {'H', 'E', 'A', 'D'};
    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/'};
    private static final int VERSION_LENGTH = 8;
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = 0; c < 128; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0;
        }
    }

    private enum Place {
        REQUEST_LINE,
        FIELDS,
        END
    }

    private final int maxLine;
    private final int maxHeader;
    private int emptyLines;
    private int scanned;
    private Place place;
    private boolean afterReturn;
    private int spaces;
    private int headLetters;
    private int versionLength;
    private int lineLength;
    private int headerLength;
    private int fault;

    /**
     * @param maxLine the longest request line
     * @param maxHeader the longest header
     */
    public HeadScanner(int maxLine, int maxHeader) {
        this.maxLine = maxLine;
        this.maxHeader = maxHeader;
        reset();
    }

    /** Begins with a new head. */
    public void reset() {
        emptyLines = 0;
        scanned = 0;
        place = Place.REQUEST_LINE;
        afterReturn = false;
        spaces = 0;
        headLetters = 0;
        versionLength = 0;
        lineLength = 0;
        headerLength = 0;
        fault = 0;
    }

    /** Moves the buffer's reader index behind empty lines. Comes before each {@link #scan}. */
    public void skipEmptyLines(ByteBuf in) throws MalformedRequestException {
        while (in.readableBytes() >= 2
                && in.getByte(in.readerIndex()) == '\r'
                && in.getByte(in.readerIndex() + 1) == '\n') {
            if (++emptyLines > MAX_EMPTY_LINES) {
                throw new MalformedRequestException(400, "Empty lines are not requests");
            }
            in.skipBytes(2);
        }
    }

    /** Whether the method is HEAD, as soon as it is complete: the response has no content then. */
    public boolean isHead() {
        return headLetters == HEAD.length && spaces > 0;
    }

    /**
     * Scans on from the end of the last call. Moves no index of the buffer.
     *
     * @return whether the buffer holds the complete head
     */
    public boolean scan(ByteBuf in) throws MalformedRequestException {
        int readable = in.readableBytes();
        if (readable == 1 && in.getByte(in.readerIndex()) == '\r') {
            // Maybe half of an empty line, which skipEmptyLines skips when the other half is here.
            return false;
        }
        int end = in.forEachByte(in.readerIndex() + scanned, readable - scanned, this);
        scanned = end < 0 ? readable : end - in.readerIndex() + 1;
        if (fault != 0) {
            throw new MalformedRequestException(fault, "The request head is malformed or too long");
        }
        return place == Place.END;
    }

    @Override
    public boolean process(byte b) {
        if (b == '\n') {
            endLine();
        } else if (afterReturn) {
            fault = 400;
        } else if (b == '\r') {
            afterReturn = true;
        } else if (b >= 0 && b < ' ' && (b != '\t' || place == Place.REQUEST_LINE) || b == 127) {
            fault = 400;
        } else if (place == Place.REQUEST_LINE) {
            requestLine(b);
        } else {
            field(b);
        }
        return fault == 0 && place != Place.END;
    }

    private void endLine() {
        if (!afterReturn) {
            fault = 400;
        } else if (place == Place.REQUEST_LINE) {
            place = Place.FIELDS;
            fault = spaces == 2 && versionLength == VERSION_LENGTH ? 0 : 400;
        } else if (lineLength == 0) {
            place = Place.END;
        }
        afterReturn = false;
        lineLength = 0;
    }

    private void requestLine(byte b) {
        if (++lineLength > maxLine) {
            fault = 414;
        } else if (b == ' ') {
            spaces++;
            fault = spaces > 2 || lineLength == 1 ? 400 : 0;
        } else if (spaces == 0) {
            fault = b > 0 && TOKEN[b] ? 0 : 400;
            boolean next = lineLength <= HEAD.length && headLetters == lineLength - 1 && b == HEAD[headLetters];
            headLetters = next ? lineLength : 0;
        } else if (spaces == 2) {
            fault = versionLength < VERSION.length && b != VERSION[versionLength] ? 400 : 0;
            versionLength++;
        }
    }

    private void field(byte b) {
        if (lineLength++ == 0 && (b == ' ' || b == '\t')) {
            fault = 400;
        } else if (++headerLength > maxHeader) {
            fault = 431;
        }
    }
}
