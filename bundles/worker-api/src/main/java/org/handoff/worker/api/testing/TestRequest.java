package org.handoff.worker.api.testing;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.handoff.worker.api.Headers;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Part;
import org.handoff.worker.api.Request;

/** A {@link Request} made by a test. Without more it comes from the loopback address, for {@code localhost}. */
public final class TestRequest implements Request {

    private final Builder values;
    private final String path;
    private final InputStream body;

    private TestRequest(Builder builder) {
        values = builder;
        // An authority before it, lest a path that begins with // be taken for one.
        path = URI.create("http://localhost" + rawPath(builder.target))
                .normalize()
                .getPath();
        body = new ByteArrayInputStream(builder.body);
    }

    /** Begins a GET request of a target: path and query, percent-encoded. */
    public static Builder get(String target) {
        return request("GET", target);
    }

    /** Begins a POST request with a body. */
    public static Builder post(String target, byte[] body) {
        return request("POST", target).body(body);
    }

    /** Begins a request of any method. */
    public static Builder request(String method, String target) {
        return new Builder(method, target);
    }

    @Override
    public String method() {
        return values.method;
    }

    @Override
    public String target() {
        return values.target;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String context() {
        return values.context == null ? path : values.context;
    }

    @Override
    public String pathInfo() {
        return context().equals("/") ? path : path.substring(context().length());
    }

    @Override
    public String query() {
        int mark = values.target.indexOf('?');
        return mark < 0 ? "" : values.target.substring(mark + 1);
    }

    @Override
    public Headers headers() {
        return values.headers;
    }

    @Override
    public long contentLength() {
        return values.body.length;
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public InetSocketAddress client() {
        return values.client;
    }

    @Override
    public String scheme() {
        return values.scheme;
    }

    @Override
    public String host() {
        return values.host;
    }

    @Override
    public List<Part> parts() {
        boolean form = contentType()
                .filter(type ->
                        type.type().equals("multipart") && type.subtype().equals("form-data"))
                .isPresent();
        if (!form && values.parts.isEmpty()) {
            throw new HttpException(415, "not multipart/form-data");
        }
        return List.copyOf(values.parts);
    }

    private static String rawPath(String target) {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    private static boolean within(String path, String context) {
        return context.equals("/") || path.equals(context) || path.startsWith(context + "/");
    }

    /** Collects what a request has. */
    public static final class Builder {

        private final String method;
        private final String target;
        private final TestHeaders headers = new TestHeaders();
        private final List<Part> parts = new ArrayList<>();
        private String context;
        private byte[] body = {};
        private InetSocketAddress client = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50000);
        private String scheme = "http";
        private String host = "localhost";

        private Builder(String method, String target) {
            this.method = method;
            this.target = target;
        }

        /** The context that matched; the whole path where this is never called. */
        public Builder context(String matched) {
            context = matched;
            return this;
        }

        /** Adds a header field, beside earlier values of its name. */
        public Builder header(String name, String value) {
            headers.add(name, value);
            return this;
        }

        /** The body; empty where none is given. */
        public Builder body(byte[] bytes) {
            body = bytes.clone();
            return this;
        }

        /** The body, as UTF-8. */
        public Builder body(String text) {
            return body(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Adds a field to the form that {@link Request#parts} returns. */
        public Builder part(String name, String text) {
            parts.add(new TestPart(name, null, null, text.getBytes(StandardCharsets.UTF_8)));
            return this;
        }

        /** Adds a file to the form that {@link Request#parts} returns. @param type such as {@code image/png} */
        public Builder part(String name, String fileName, String type, byte[] content) {
            parts.add(new TestPart(name, fileName, MediaType.of(type), content.clone()));
            return this;
        }

        /** The client's address and port. */
        public Builder client(InetSocketAddress address) {
            client = address;
            return this;
        }

        /** {@code http} or {@code https}. */
        public Builder scheme(String used) {
            scheme = used;
            return this;
        }

        /** The host the client asked for, without a port. */
        public Builder host(String name) {
            host = name.toLowerCase(Locale.ROOT);
            return this;
        }

        /**
         * The request.
         *
         * @throws IllegalArgumentException if the target is no path, or not within the context: no server would bring
         *         such a request to the handler
         */
        public TestRequest build() {
            if (!target.startsWith("/")) {
                throw new IllegalArgumentException("the target " + target + " does not begin with /");
            }
            TestRequest request = new TestRequest(this);
            if (!within(request.path, request.context())) {
                throw new IllegalArgumentException("the target " + target + " is not within the context " + context);
            }
            return request;
        }
    }
}
