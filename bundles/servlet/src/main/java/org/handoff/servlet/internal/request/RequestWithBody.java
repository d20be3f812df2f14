package org.handoff.servlet.internal.request;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.Part;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Request;

/** The body of a request, and the parameters of its query and of a form. */
abstract class RequestWithBody extends ReceivedRequest {

    private final long length;
    private final RequestBody body;
    private String encoding;
    private Map<String, String[]> parameters;
    /** The form that the body was; null if it was not read as one. */
    private String form;

    private boolean streamTaken;
    private BufferedReader reader;

    RequestWithBody(Request request, ServletContext context) {
        super(request, context);
        length = request.contentLength();
        body = new RequestBody(request.body(), this::isAsyncStarted);
        encoding = fields.charset();
    }

    /** Makes it independent of the handler's request, which ends now. @param room for a long body */
    public void keep(KeptBodies room) throws IOException {
        body.keep(room);
    }

    /** Releases what it has kept. */
    public void close() throws IOException {
        body.close();
    }

    @Override
    public void dispatch(Target where) {
        super.dispatch(where);
        // It may have a query of its own.
        parameters = null;
    }

    // ---- the body

    @Override
    public String getContentType() {
        return fields.first("Content-Type");
    }

    @Override
    public int getContentLength() {
        long all = getContentLengthLong();
        return all > Integer.MAX_VALUE ? -1 : (int) all;
    }

    @Override
    public long getContentLengthLong() {
        return length == 0 && fields.first("Content-Length") == null ? -1 : length;
    }

    @Override
    public String getCharacterEncoding() {
        return encoding;
    }

    @Override
    public void setCharacterEncoding(String name) throws java.io.UnsupportedEncodingException {
        ReceivedFields.charset(name);
        if (parameters == null && reader == null) {
            encoding = name;
        }
    }

    @Override
    public ServletInputStream getInputStream() {
        if (reader != null) {
            throw new IllegalStateException("the request's reader was taken");
        }
        streamTaken = true;
        return body;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (streamTaken) {
            throw new IllegalStateException("the request's stream was taken");
        }
        if (reader == null) {
            Charset charset = encoding == null ? StandardCharsets.ISO_8859_1 : ReceivedFields.charset(encoding);
            reader = new BufferedReader(new InputStreamReader(body, charset));
        }
        return reader;
    }

    /** Felix's Whiteboard has a decoder of its own for those servlets that may have parts. */
    @Override
    public Collection<Part> getParts() throws ServletException {
        throw new ServletException("the servlet has no configuration for multipart requests");
    }

    @Override
    public Part getPart(String name) throws ServletException {
        throw new ServletException("the servlet has no configuration for multipart requests");
    }

    // ---- parameters

    @Override
    public Map<String, String[]> getParameterMap() {
        if (parameters == null) {
            parameters = Collections.unmodifiableMap(decoded());
        }
        return parameters;
    }

    private Map<String, String[]> decoded() {
        RequestParameters decoded = new RequestParameters();
        try {
            // A URI is in UTF-8, whatever its body is in.
            if (getQueryString() != null) {
                decoded.add(getQueryString(), StandardCharsets.UTF_8);
            }
            if (target().query() != null && !target().query().equals(getQueryString())) {
                decoded.add(target().query(), StandardCharsets.UTF_8);
            }
            if (form == null && isForm() && !streamTaken && reader == null) {
                if (length > Request.TEXT_LIMIT) {
                    throw new HttpException(413, "a form of more than " + Request.TEXT_LIMIT + " bytes");
                }
                form = new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
            }
            if (form != null) {
                decoded.add(form, encoding == null ? StandardCharsets.UTF_8 : ReceivedFields.charset(encoding));
            }
        } catch (java.io.UnsupportedEncodingException e) {
            throw new HttpException(415, "the charset " + encoding + " is not known", e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return decoded.map();
    }

    private boolean isForm() {
        String sent = getContentType();
        return getMethod().equals("POST")
                && sent != null
                && MediaType.parse(sent)
                        .filter(parsed -> parsed.type().equals("application")
                                && parsed.subtype().equals("x-www-form-urlencoded"))
                        .isPresent();
    }

    @Override
    public String getParameter(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(getParameterMap().keySet());
    }

    @Override
    public String[] getParameterValues(String name) {
        return getParameterMap().get(name);
    }
}
