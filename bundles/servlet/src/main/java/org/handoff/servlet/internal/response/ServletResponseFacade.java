package org.handoff.servlet.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.Executor;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.handoff.worker.api.HttpException;

/**
 * The response as the Whiteboard sees it. Sent when the body is longer than the buffer, is flushed, or is complete;
 * until then a servlet may change all of it. Used by one thread at a time, but for the hand-over from a handler's thread
 * to one that answers later.
 */
public final class ServletResponseFacade implements HttpServletResponse {

    private static final String CONTENT_TYPE = "Content-Type";

    private final ResponseHeaders headers = new ResponseHeaders();
    private final ResponseBody body = new ResponseBody(this, this::commit);
    private final ContentType type = new ContentType();
    private final HttpServletRequest request;
    private ResponseSink sink;
    private int status = SC_OK;
    private Locale locale = Locale.getDefault();
    private long announced = -1;
    private boolean streamTaken;
    private PrintWriter writer;
    private Runnable beforeHead = () -> {};

    /** @param request that it answers */
    public ServletResponseFacade(ResponseSink sink, HttpServletRequest request) {
        this.sink = sink;
        this.request = request;
    }

    // ---- for the container

    /**
     * From now on the response is kept, as it is given later.
     *
     * @param listeners lets those hear that write when they may, once the response goes on
     */
    public synchronized void hold(Executor listeners) {
        body.hold(listeners);
    }

    /** The response goes there from now on, and what was flushed meanwhile at once. */
    public synchronized void releaseTo(ResponseSink other) throws IOException {
        sink = other;
        body.release();
    }

    /** The response is complete, and goes there. */
    public synchronized void completeTo(ResponseSink other) {
        sink = other;
    }

    /** Whether the client has the head of the response, or is about to. */
    public synchronized boolean isHeadSent() {
        return body.isPassedOn();
    }

    /**
     * Sets the cookie that tells the client its session; without effect once the head is sent.
     *
     * @param first done before the client has the cookie, if more of the response follows
     */
    public void sessionCookie(Cookie cookie, Runnable first) {
        headers.session(CookieText.of(cookie));
        beforeHead = first;
    }

    /** Sends what was not sent yet. Nothing may be called afterwards. */
    public void finish() throws IOException {
        if (writer != null) {
            // A writer locks itself first, and this response then: the other way round, both would wait for ever.
            drain();
        }
        synchronized (this) {
            end();
        }
    }

    private void end() throws IOException {
        byte[] whole = body.whole();
        if (whole == null) {
            body.end();
            return;
        }
        body.close();
        sendHead();
        // A servlet that answers HEAD says how long its body would be.
        boolean announcedOnly = isHead() && whole.length == 0 && announced > 0;
        if (announcedOnly && announced > ResponseBody.DEFAULT_SIZE) {
            // Without a length, which is better than a wrong one.
            sink.stream().close();
        } else {
            sink.send(announcedOnly ? new byte[(int) announced] : whole);
        }
    }

    /** Passes on what the writer's encoder has kept. */
    private void drain() {
        try {
            body.drain(writer);
        } catch (IOException e) {
            throw new IllegalStateException("a writer to memory does not fail", e);
        }
    }

    private OutputStream commit() throws IOException {
        beforeHead.run();
        sendHead();
        return sink.stream();
    }

    private void sendHead() {
        sink.status(status);
        headers.copyTo(sink::header);
    }

    private boolean isHead() {
        return request.getMethod().equals("HEAD");
    }

    // ---- status and header fields

    @Override
    public synchronized boolean isCommitted() {
        return body.isCommitted();
    }

    @Override
    public int getStatus() {
        return status;
    }

    @Override
    public void setStatus(int changed) {
        if (!isCommitted()) {
            status = changed;
        }
    }

    @Override
    public void sendError(int code) throws IOException {
        sendError(code, null);
    }

    @Override
    public void sendError(int code, String message) throws IOException {
        checkUncommitted();
        resetBuffer();
        HttpException refused = code == SC_INTERNAL_SERVER_ERROR
                ? Refusal.of(request.getAttribute(RequestDispatcher.ERROR_EXCEPTION))
                : null;
        status = refused == null ? code : refused.status();
        if (status != SC_NO_CONTENT && status != SC_NOT_MODIFIED) {
            setContentType("text/plain");
            setCharacterEncoding("UTF-8");
            String text = message == null || refused != null ? "" : ' ' + message;
            body.write((status + text + '\n').getBytes(StandardCharsets.UTF_8));
        }
        body.close();
    }

    @Override
    public void sendRedirect(String location, int code, boolean clear) throws IOException {
        checkUncommitted();
        if (clear) {
            resetBuffer();
        }
        status = code;
        headers.set("Location", Redirection.resolved(location, request.getRequestURI()));
        body.close();
    }

    private void checkUncommitted() {
        if (isCommitted()) {
            throw new IllegalStateException("the response is committed");
        }
    }

    @Override
    public void setHeader(String name, String value) {
        if (isCommitted() || isSpecial(name, value)) {
            return;
        }
        headers.set(name, value);
    }

    @Override
    public void addHeader(String name, String value) {
        if (isCommitted() || isSpecial(name, value)) {
            return;
        }
        headers.add(name, value);
    }

    /** Takes those that other methods set too. */
    private boolean isSpecial(String name, String value) {
        if (name.equalsIgnoreCase(CONTENT_TYPE)) {
            setContentType(value);
            return true;
        }
        if (name.equalsIgnoreCase("Content-Length")) {
            announced = value == null ? -1 : Long.parseLong(value.strip());
            return true;
        }
        return false;
    }

    @Override
    public void setDateHeader(String name, long date) {
        setHeader(name, ResponseHeaders.date(date));
    }

    @Override
    public void addDateHeader(String name, long date) {
        addHeader(name, ResponseHeaders.date(date));
    }

    @Override
    public void setIntHeader(String name, int value) {
        setHeader(name, Integer.toString(value));
    }

    @Override
    public void addIntHeader(String name, int value) {
        addHeader(name, Integer.toString(value));
    }

    @Override
    public boolean containsHeader(String name) {
        return headers.has(name);
    }

    @Override
    public String getHeader(String name) {
        return headers.first(name);
    }

    @Override
    public Collection<String> getHeaders(String name) {
        return headers.all(name);
    }

    @Override
    public Collection<String> getHeaderNames() {
        return headers.names();
    }

    @Override
    public void addCookie(Cookie cookie) {
        if (!isCommitted()) {
            headers.add("Set-Cookie", CookieText.of(cookie));
        }
    }

    // URLs stay as they are: a session is known by its cookie only.

    @Override
    public String encodeURL(String url) {
        return url;
    }

    @Override
    public String encodeRedirectURL(String url) {
        return url;
    }

    // ---- type, charset and locale

    @Override
    public String getContentType() {
        return type.text();
    }

    @Override
    public void setContentType(String wanted) {
        if (!isCommitted()) {
            type.set(wanted);
            headers.set(CONTENT_TYPE, type.text());
        }
    }

    @Override
    public String getCharacterEncoding() {
        return type.charset();
    }

    @Override
    public void setCharacterEncoding(String wanted) {
        if (!isCommitted()) {
            type.charset(wanted);
            headers.set(CONTENT_TYPE, type.text());
        }
    }

    @Override
    public Locale getLocale() {
        return locale;
    }

    @Override
    public void setLocale(Locale wanted) {
        if (wanted != null && !isCommitted()) {
            locale = wanted;
            headers.set("Content-Language", wanted.toLanguageTag());
        }
    }

    @Override
    public void setContentLength(int length) {
        setContentLengthLong(length);
    }

    @Override
    public void setContentLengthLong(long length) {
        announced = length;
    }

    // ---- the body

    @Override
    public ServletOutputStream getOutputStream() {
        if (writer != null) {
            throw new IllegalStateException("the response's writer was taken");
        }
        streamTaken = true;
        return body;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (streamTaken) {
            throw new IllegalStateException("the response's stream was taken");
        }
        if (writer == null) {
            Charset used = type.fix();
            headers.set(CONTENT_TYPE, type.text());
            writer = new PrintWriter(new OutputStreamWriter(body, used), false);
        }
        return writer;
    }

    @Override
    public int getBufferSize() {
        return body.size();
    }

    @Override
    public void setBufferSize(int size) {
        body.size(size);
    }

    @Override
    public void flushBuffer() throws IOException {
        if (writer != null) {
            writer.flush();
        }
        body.flush();
    }

    @Override
    public void resetBuffer() {
        checkUncommitted();
        if (writer != null) {
            drain();
            checkUncommitted();
        }
        body.reset();
    }

    @Override
    public void reset() {
        resetBuffer();
        status = SC_OK;
        headers.clear();
        type.reset();
        announced = -1;
        streamTaken = false;
        writer = null;
    }
}
