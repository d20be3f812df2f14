package org.handoff.worker.runtime;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

import org.handoff.http.routing.ContextTable;

/**
 * What the workers of one generation run: the generation file, which the pool writes and a worker reads at its start.
 * A Java properties file in UTF-8:
 *
 * <pre>
 * generation=7
 * bundle.1=/path/of/a.jar
 * handler.1.bundle=1
 * handler.1.component=org.example.Hello
 * handler.1.context.1=/hello
 * handler.1.host=
 * warmup.1=/hello
 * http.idle.timeout=...
 * </pre>
 *
 * @param number the generation's number, for messages
 * @param bundles the jars to install, by their number in the file, in order
 * @param handlers the handlers to serve, in order
 * @param warmup the paths that the worker requests of itself before it is ready, in order
 * @param http the HTTP engine's settings: the keys that begin with {@code http.}, as they stand in the file
 */
record Generation(
        long number,
        SortedMap<Integer, Path> bundles,
        List<HandlerEntry> handlers,
        List<String> warmup,
        Map<String, String> http) {

    /** A generation without bundles and handlers. */
    static final Generation EMPTY = new Generation(0, new TreeMap<>(), List.of(), List.of(), Map.of());

    private static final String BUNDLE = "bundle.";
    private static final String HANDLER = "handler.";
    private static final String WARMUP = "warmup.";
    private static final String HTTP = "http.";

    static Generation read(Path file) throws GenerationException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new GenerationException("The generation file " + file + " cannot be read: " + e, e);
        }
        return new Parser(file, properties).generation();
    }

    /** Takes the keys apart; every key must be one it knows, so that a misspelt one does not go unnoticed. */
    private static final class Parser {

        private final Path file;
        private final SortedMap<String, String> properties = new TreeMap<>();

        Parser(Path file, Properties properties) {
            this.file = file;
            properties.forEach((key, value) -> this.properties.put((String) key, ((String) value).strip()));
        }

        Generation generation() throws GenerationException {
            long number = number("generation", required("generation", "the generation's number"));
            Map<String, String> http = new TreeMap<>();
            SortedMap<Integer, String> warmup = new TreeMap<>();
            SortedMap<Integer, Path> bundles = new TreeMap<>();
            SortedMap<Integer, SortedMap<String, String>> handlers = new TreeMap<>();
            for (Map.Entry<String, String> property : properties.entrySet()) {
                String key = property.getKey();
                if (key.startsWith(HTTP)) {
                    http.put(key, property.getValue());
                } else if (key.startsWith(WARMUP)) {
                    warmup.put(index(key, key.substring(WARMUP.length())), property.getValue());
                } else if (key.startsWith(BUNDLE)) {
                    bundles.put(index(key, key.substring(BUNDLE.length())), bundle(key, property.getValue()));
                } else if (key.startsWith(HANDLER)) {
                    int dot = key.indexOf('.', HANDLER.length());
                    int index = index(key, key.substring(HANDLER.length(), dot < 0 ? key.length() : dot));
                    handlers.computeIfAbsent(index, i -> new TreeMap<>())
                            .put(dot < 0 ? "" : key.substring(dot + 1), property.getValue());
                } else if (!key.equals("generation")) {
                    throw fault(key, property.getValue(), "is not known");
                }
            }
            List<HandlerEntry> entries = new ArrayList<>();
            for (Map.Entry<Integer, SortedMap<String, String>> handler : handlers.entrySet()) {
                entries.add(handler(handler.getKey(), handler.getValue(), bundles.keySet()));
            }
            return new Generation(
                    number, bundles, List.copyOf(entries), List.copyOf(warmup.values()), Map.copyOf(http));
        }

        private HandlerEntry handler(int index, SortedMap<String, String> keys, Collection<Integer> bundles)
                throws GenerationException {
            String prefix = HANDLER + index + '.';
            int bundle = (int) number(
                    prefix + "bundle",
                    required(prefix + "bundle", "the number of the bundle that declares the handler"));
            if (!bundles.contains(bundle)) {
                throw fault(prefix + "bundle", Integer.toString(bundle), "names none of the file's bundles");
            }
            String component = null;
            String host = "";
            SortedMap<Integer, String> contexts = new TreeMap<>();
            for (Map.Entry<String, String> entry : keys.entrySet()) {
                String key = entry.getKey();
                String value = entry.getValue();
                if (key.equals("component")) {
                    component = value.isEmpty() ? null : value;
                } else if (key.equals("host")) {
                    host = value.toLowerCase(Locale.ROOT);
                } else if (key.startsWith("context.")) {
                    contexts.put(index(prefix + key, key.substring("context.".length())), context(prefix + key, value));
                } else if (!key.equals("bundle")) {
                    throw fault(prefix + key, value, "is not known");
                }
            }
            required(prefix + "context.1", "a context of the handler");
            return new HandlerEntry(index, bundle, component, List.copyOf(contexts.values()), host);
        }

        private String context(String key, String value) throws GenerationException {
            try {
                return ContextTable.validContext(value);
            } catch (IllegalArgumentException e) {
                throw fault(key, value, "is not usable: " + e.getMessage());
            }
        }

        private Path bundle(String key, String value) throws GenerationException {
            Path path = Path.of(value);
            if (!path.isAbsolute()) {
                throw fault(key, value, "is not an absolute path");
            }
            return path;
        }

        private String required(String key, String meaning) throws GenerationException {
            String value = properties.get(key);
            if (value == null) {
                throw new GenerationException(
                        "In the generation file " + file + ", the key " + key + " is missing: " + meaning, null);
            }
            return value;
        }

        private int index(String key, String digits) throws GenerationException {
            try {
                return Integer.parseUnsignedInt(digits);
            } catch (NumberFormatException e) {
                throw fault(key, properties.get(key), "has a key without a number where one belongs");
            }
        }

        private long number(String key, String value) throws GenerationException {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw fault(key, value, "is not a number");
            }
        }

        private GenerationException fault(String key, String value, String what) {
            return new GenerationException(
                    "In the generation file " + file + ", " + key + "=" + value + " " + what, null);
        }
    }
}
