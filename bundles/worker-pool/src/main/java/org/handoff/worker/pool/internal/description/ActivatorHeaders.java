package org.handoff.worker.pool.internal.description;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.osgi.framework.Bundle;

/**
 * The headers of a bundle whose activator runs in workers only: Karaf does not know them, and workers get the bundle
 * with the first one as its {@code Bundle-Activator}.
 *
 * <pre>
 * Handoff-Activator: org.example.Activator
 * Handoff-Context: /a;/b;host=example.org, /c;pool=special
 * </pre>
 *
 * <p>The second one has a clause for each handler that the activator registers: the contexts, and the host and the pool
 * where the handler's service names them. What has a comma or a semicolon in it is in quotation marks.
 *
 * @param activator the class; null for none
 * @param contexts the clauses; null for none
 */
public record ActivatorHeaders(String activator, String contexts) {

    /** Of a bundle whose handlers nobody asks for. */
    static final ActivatorHeaders NONE = new ActivatorHeaders(null, null);

    private static final String ACTIVATOR = "Handoff-Activator";
    private static final String CONTEXT = "Handoff-Context";

    private static final Map<String, String> PARAMETERS = Map.of("host", Host.PROPERTY, "pool", Pool.PROPERTY);

    private static final Pattern CLAUSE = separatedBy(',');
    private static final Pattern PIECE = separatedBy(';');

    private static Pattern separatedBy(char separator) {
        return Pattern.compile("(?:\"[^\"]*\"|[^\"" + separator + "]++)++");
    }

    public static ActivatorHeaders of(Bundle bundle) {
        return new ActivatorHeaders(
                bundle.getHeaders("").get(ACTIVATOR), bundle.getHeaders("").get(CONTEXT));
    }

    /** Whether the bundle has neither header. */
    public boolean isEmpty() {
        return activator == null && contexts == null;
    }

    /**
     * The properties of the services that the activator registers as handlers.
     *
     * @throws IllegalArgumentException if one of the headers is missing or malformed
     */
    public List<Map<String, Object>> handlers() {
        if (activator == null || contexts == null) {
            throw new IllegalArgumentException("its manifest has " + (activator == null ? CONTEXT : ACTIVATOR)
                    + " and no " + (activator == null ? ACTIVATOR : CONTEXT) + ": write both, the activator's class "
                    + "and the contexts of the handlers that it registers");
        }
        return pieces(CLAUSE, contexts).map(ActivatorHeaders::handler).toList();
    }

    private static Map<String, Object> handler(String clause) {
        Map<String, Object> properties = new HashMap<>();
        List<String> paths = new ArrayList<>();
        for (String piece : pieces(PIECE, clause).toList()) {
            String[] parameter = piece.split("=", 2);
            String property = parameter.length == 2 ? PARAMETERS.get(parameter[0].strip()) : null;
            if (property != null) {
                properties.put(property, unquoted(parameter[1]));
            } else if (unquoted(piece).startsWith("/")) {
                paths.add(unquoted(piece));
            } else {
                throw new IllegalArgumentException("its manifest's " + CONTEXT + " has \"" + piece + "\", which is "
                        + "neither a context, which begins with /, nor host=… or pool=…");
            }
        }
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("its manifest's " + CONTEXT + " has \"" + clause + "\", in which no "
                    + "context is; write one, as in " + CONTEXT + ": /hello;host=example.org");
        }
        properties.put(HandoffContext.PROPERTY, paths.toArray(String[]::new));
        return properties;
    }

    private static Stream<String> pieces(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(MatchResult::group)
                .map(String::strip)
                .filter(one -> !one.isEmpty());
    }

    private static String unquoted(String text) {
        return text.strip().replace("\"", "");
    }
}
