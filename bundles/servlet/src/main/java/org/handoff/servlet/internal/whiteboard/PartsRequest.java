package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A multipart request. Its parameters are those of the query and the fields of the form, whose text is in UTF-8 as
 * browsers send it; the Whiteboard knows the fields only. The files that its parts are in are deleted with the request,
 * and not with the garbage.
 */
final class PartsRequest extends HttpServletRequestWrapper {

    private static final Logger LOG = LoggerFactory.getLogger(PartsRequest.class);

    private boolean parsed;
    private Map<String, String[]> parameters;

    /** @param request of the Whiteboard */
    PartsRequest(HttpServletRequest request) {
        super(request);
    }

    static boolean isMultipart(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null && type.regionMatches(true, 0, "multipart/", 0, "multipart/".length());
    }

    /** Deletes the parts. */
    void deleteParts() {
        if (!parsed) {
            return;
        }
        try {
            for (Part part : super.getParts()) {
                part.delete();
            }
        } catch (IOException | ServletException | RuntimeException e) {
            LOG.debug("A request has no parts to delete", e);
        }
    }

    @Override
    public Collection<Part> getParts() throws IOException, ServletException {
        parsed = true;
        return super.getParts();
    }

    @Override
    public Part getPart(String name) throws IOException, ServletException {
        parsed = true;
        return super.getPart(name);
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        if (parameters == null) {
            parameters = Collections.unmodifiableMap(parameters());
        }
        return parameters;
    }

    private Map<String, String[]> parameters() {
        // The Whiteboard's request hides the parameters of the one within it.
        Map<String, String[]> query =
                ((HttpServletRequestWrapper) getRequest()).getRequest().getParameterMap();
        Map<String, List<String>> all = new LinkedHashMap<>();
        query.forEach((name, values) -> all.put(name, new ArrayList<>(List.of(values))));
        try {
            for (Part part : getParts()) {
                if (part.getSubmittedFileName() == null) {
                    all.computeIfAbsent(part.getName(), first -> new ArrayList<>(1))
                            .add(text(part));
                }
            }
        } catch (ServletException | IllegalStateException e) {
            LOG.debug("The servlet has no configuration for multipart requests, or the request is none", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String[]> map = new LinkedHashMap<>();
        all.forEach((name, values) -> map.put(name, values.toArray(String[]::new)));
        return map;
    }

    private String text(Part part) throws IOException {
        String encoding = getCharacterEncoding();
        try (InputStream in = part.getInputStream()) {
            return new String(in.readAllBytes(), encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding));
        }
    }

    @Override
    public String getParameter(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public String[] getParameterValues(String name) {
        return getParameterMap().get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(getParameterMap().keySet());
    }
}
