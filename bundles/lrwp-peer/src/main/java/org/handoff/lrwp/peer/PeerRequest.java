package org.handoff.lrwp.peer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.handoff.worker.api.Headers;
import org.handoff.worker.api.Request;

/** A request from its CGI variables. */
final class PeerRequest implements Request, Headers {

    private static final String FIELD = "HTTP_";

    /** Values as bytes in ISO 8859-1; in the order in which they came. */
    private final Map<String, String> variables;

    private final Set<String> names = new LinkedHashSet<>();
    private final SizedInput body;

    PeerRequest(Map<String, String> variables, SizedInput body) {
        this.variables = variables;
        this.body = body;
        for (String name : variables.keySet()) {
            if (name.startsWith(FIELD)) {
                names.add(fieldName(name.substring(FIELD.length())));
            }
        }
        for (String name : new String[] {"Content-Type", "Content-Length"}) {
            if (!variable(name).isEmpty()) {
                names.add(name);
            }
        }
    }

    /** {@code USER_AGENT} is {@code User-Agent}. */
    private static String fieldName(String variable) {
        StringBuilder name = new StringBuilder(variable.toLowerCase(Locale.ROOT).replace('_', '-'));
        for (int i = 0; i < name.length(); i++) {
            if (i == 0 || name.charAt(i - 1) == '-') {
                name.setCharAt(i, Character.toUpperCase(name.charAt(i)));
            }
        }
        return name.toString();
    }

    private String variable(String name) {
        return variables.getOrDefault(name.toUpperCase(Locale.ROOT).replace('-', '_'), "");
    }

    /** A variable in UTF-8. */
    private String text(String name) {
        return new String(variable(name).getBytes(ISO_8859_1), UTF_8);
    }

    @Override
    public String method() {
        return variable("REQUEST_METHOD");
    }

    @Override
    public String target() {
        String sent = variable("REQUEST_URI");
        return !sent.isEmpty() ? sent : path() + (query().isEmpty() ? "" : "?" + query());
    }

    @Override
    public String path() {
        return text("SCRIPT_NAME") + text("PATH_INFO");
    }

    @Override
    public String context() {
        String script = text("SCRIPT_NAME");
        return script.isEmpty() ? "/" : script;
    }

    @Override
    public String pathInfo() {
        return text("PATH_INFO");
    }

    @Override
    public String query() {
        return variable("QUERY_STRING");
    }

    @Override
    public Headers headers() {
        return this;
    }

    @Override
    public long contentLength() {
        return body.length();
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public InetSocketAddress client() {
        // LRWP does not send the port. Not resolved: the address is numeric.
        return InetSocketAddress.createUnresolved(variable("REMOTE_ADDR"), 0);
    }

    @Override
    public String scheme() {
        return variable("HTTPS").equals("on") ? "https" : "http";
    }

    @Override
    public String host() {
        return variable("SERVER_NAME").toLowerCase(Locale.ROOT);
    }

    // ---- header fields

    @Override
    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /** The agent joins fields of one name; those whose values may hold commas of their own stay joined. */
    @Override
    public List<String> all(String name) {
        String variable = name.toUpperCase(Locale.ROOT).replace('-', '_');
        boolean own = variable.equals("CONTENT_TYPE") || variable.equals("CONTENT_LENGTH");
        String value = variables.get(own ? variable : FIELD + variable);
        return value == null ? List.of() : List.copyOf(Arrays.asList(value));
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(names);
    }
}
