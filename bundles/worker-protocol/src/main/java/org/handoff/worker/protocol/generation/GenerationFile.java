package org.handoff.worker.protocol.generation;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The bundles, handlers and settings of one generation of Java workers, in the file that the pool writes and a worker
 * reads at its start: docs/worker-protocol.md, "The generation file".
 *
 * @param number the generation's number, for messages
 * @param bundles the jars to install, by their number in the file, in order
 * @param handlers the handlers to serve, in order
 * @param configurations the files with the configurations of the bundles ({@link ConfigurationFile}), by their number
 * @param groups the groups of bundles; empty where all see all
 * @param http the HTTP engine's settings: the keys that begin with {@code http.}, as in the file
 * @param properties the system properties for the bundles, by name
 */
public record GenerationFile(
        long number,
        SortedMap<Integer, Path> bundles,
        List<HandlerEntry> handlers,
        SortedMap<Integer, Path> configurations,
        List<BundleGroup> groups,
        Map<String, String> http,
        Map<String, String> properties) {

    /** A generation without bundles and handlers. */
    public static final GenerationFile EMPTY = new GenerationFile(0, Collections.emptySortedMap(), List.of());

    private static final String NUMBER = "generation";
    private static final String BUNDLE = "bundle.";
    private static final String HANDLER = "handler.";
    private static final String GROUP = "group.";
    private static final String CONFIGURATION = "configuration.";
    private static final String HTTP = "http.";
    private static final String PROPERTY = "property.";

    private static final String OF_BUNDLE = "bundle";
    private static final String COMPONENT = "component";
    private static final String FILES = "files";
    private static final String HOST = "host";
    private static final String CONTEXT = "context.";

    private static final String OF_CONFIGURATIONS = ".configurations";

    /** Of bundles that all see each other, have no configuration, and need no settings. */
    public GenerationFile(long number, SortedMap<Integer, Path> bundles, List<HandlerEntry> handlers) {
        this(number, bundles, handlers, Collections.emptySortedMap(), List.of(), Map.of(), Map.of());
    }

    /**
     * Reads a file.
     *
     * @param contexts normalizes a context of the file, or refuses it with an {@link IllegalArgumentException}
     * @throws GenerationException if it cannot be read, or has a key or a value that is not allowed
     */
    public static GenerationFile read(Path file, UnaryOperator<String> contexts) throws GenerationException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new GenerationException("The generation file " + file + " cannot be read: " + e, e);
        }
        return new Parser(file, properties, contexts).generation();
    }

    /**
     * Writes the file.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Properties lines = new Properties();
        lines.setProperty(NUMBER, Long.toString(number));
        lines.putAll(http);
        properties.forEach((name, value) -> lines.setProperty(PROPERTY + name, value));
        bundles.forEach((index, bundle) -> lines.setProperty(BUNDLE + index, bundle.toString()));
        configurations.forEach((index, one) -> lines.setProperty(CONFIGURATION + index, one.toString()));
        for (int i = 0; i < groups.size(); i++) {
            String key = GROUP + (i + 1);
            lines.setProperty(key, words(groups.get(i).bundles()));
            if (!groups.get(i).configurations().isEmpty()) {
                lines.setProperty(key + OF_CONFIGURATIONS, words(groups.get(i).configurations()));
            }
        }
        for (HandlerEntry handler : handlers) {
            String prefix = HANDLER + handler.number() + '.';
            if (handler.files() == null) {
                lines.setProperty(prefix + OF_BUNDLE, Integer.toString(handler.bundle()));
            } else {
                lines.setProperty(prefix + FILES, handler.files().toString());
            }
            if (handler.component() != null) {
                lines.setProperty(prefix + COMPONENT, handler.component());
            }
            lines.setProperty(prefix + HOST, handler.host());
            number(lines, prefix + CONTEXT, handler.contexts());
        }
        try (Writer writer = Files.newBufferedWriter(file)) {
            lines.store(writer, null);
        }
    }

    private static String words(Set<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static void number(Properties properties, String prefix, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            properties.setProperty(prefix + (i + 1), values.get(i));
        }
    }

    /** Splits the keys; each key must be a known one, so that a misspelt one is noticed. */
    private static final class Parser {

        private final Path file;
        private final UnaryOperator<String> contexts;
        private final SortedMap<String, String> properties = new TreeMap<>();

        Parser(Path file, Properties properties, UnaryOperator<String> contexts) {
            this.file = file;
            this.contexts = contexts;
            properties.forEach((key, value) -> this.properties.put(
                    (String) key, ((String) key).startsWith(PROPERTY) ? (String) value : ((String) value).strip()));
        }

        GenerationFile generation() throws GenerationException {
            long number = number(NUMBER, required(NUMBER, "the generation's number"));
            Map<String, String> http = new TreeMap<>();
            SortedMap<Integer, Path> bundles = new TreeMap<>();
            SortedMap<Integer, Path> configurations = new TreeMap<>();
            SortedMap<Integer, String> groups = new TreeMap<>();
            Map<Integer, String> configurationsOfGroups = new TreeMap<>();
            Map<String, String> system = new TreeMap<>();
            SortedMap<Integer, SortedMap<String, String>> handlers = new TreeMap<>();
            for (Map.Entry<String, String> property : properties.entrySet()) {
                String key = property.getKey();
                if (key.startsWith(HTTP)) {
                    http.put(key, property.getValue());
                } else if (key.startsWith(BUNDLE)) {
                    bundles.put(index(key, key.substring(BUNDLE.length())), path(key, property.getValue()));
                } else if (key.startsWith(CONFIGURATION)) {
                    configurations.put(
                            index(key, key.substring(CONFIGURATION.length())), path(key, property.getValue()));
                } else if (key.startsWith(PROPERTY)) {
                    system.put(key.substring(PROPERTY.length()), property.getValue());
                } else if (key.startsWith(GROUP) && key.endsWith(OF_CONFIGURATIONS)) {
                    String index = key.substring(GROUP.length(), key.length() - OF_CONFIGURATIONS.length());
                    configurationsOfGroups.put(index(key, index), property.getValue());
                } else if (key.startsWith(GROUP)) {
                    groups.put(index(key, key.substring(GROUP.length())), property.getValue());
                } else if (key.startsWith(HANDLER)) {
                    int dot = key.indexOf('.', HANDLER.length());
                    int index = index(key, key.substring(HANDLER.length(), dot < 0 ? key.length() : dot));
                    handlers.computeIfAbsent(index, i -> new TreeMap<>())
                            .put(dot < 0 ? "" : key.substring(dot + 1), property.getValue());
                } else if (!key.equals(NUMBER)) {
                    throw fault(key, property.getValue(), "is not known");
                }
            }
            List<HandlerEntry> entries = new ArrayList<>();
            for (Map.Entry<Integer, SortedMap<String, String>> handler : handlers.entrySet()) {
                entries.add(handler(handler.getKey(), handler.getValue(), bundles.keySet()));
            }
            List<BundleGroup> grouped = new ArrayList<>();
            for (Map.Entry<Integer, String> group : groups.entrySet()) {
                String key = GROUP + group.getKey();
                String its = configurationsOfGroups.remove(group.getKey());
                grouped.add(new BundleGroup(
                        numbers(key, group.getValue(), bundles.keySet(), "bundles"),
                        its == null
                                ? Set.of()
                                : numbers(key + OF_CONFIGURATIONS, its, configurations.keySet(), "configurations")));
            }
            for (int left : configurationsOfGroups.keySet()) {
                required(GROUP + left, "the bundles of the group");
            }
            return new GenerationFile(
                    number,
                    bundles,
                    List.copyOf(entries),
                    configurations,
                    List.copyOf(grouped),
                    Map.copyOf(http),
                    Map.copyOf(system));
        }

        /** @param what names those that there are, for the message */
        private Set<Integer> numbers(String key, String words, Collection<Integer> all, String what)
                throws GenerationException {
            Set<Integer> numbers = new TreeSet<>();
            for (String word : words.split(" ")) {
                int number = (int) number(key, word);
                if (!all.contains(number)) {
                    throw fault(key, word, "names none of the file's " + what);
                }
                numbers.add(number);
            }
            return numbers;
        }

        private HandlerEntry handler(int index, SortedMap<String, String> keys, Collection<Integer> bundles)
                throws GenerationException {
            String prefix = HANDLER + index + '.';
            Path files = keys.containsKey(FILES) ? path(prefix + FILES, keys.get(FILES)) : null;
            int bundle = files == null ? bundle(prefix, bundles) : 0;
            String component = null;
            String host = "";
            SortedMap<Integer, String> contexts = new TreeMap<>();
            for (Map.Entry<String, String> entry : keys.entrySet()) {
                String key = entry.getKey();
                String value = entry.getValue();
                if (key.equals(COMPONENT)) {
                    component = value.isEmpty() ? null : value;
                } else if (key.equals(HOST)) {
                    host = value.toLowerCase(Locale.ROOT);
                } else if (key.startsWith(CONTEXT)) {
                    contexts.put(index(prefix + key, key.substring(CONTEXT.length())), context(prefix + key, value));
                } else if (!key.equals(files == null ? OF_BUNDLE : FILES)) {
                    throw fault(prefix + key, value, "is not known");
                }
            }
            required(prefix + CONTEXT + 1, "a context of the handler");
            return new HandlerEntry(index, bundle, component, files, List.copyOf(contexts.values()), host);
        }

        private int bundle(String prefix, Collection<Integer> bundles) throws GenerationException {
            int bundle = (int) number(
                    prefix + OF_BUNDLE,
                    required(prefix + OF_BUNDLE, "the number of the bundle that declares the handler"));
            if (!bundles.contains(bundle)) {
                throw fault(prefix + OF_BUNDLE, Integer.toString(bundle), "names none of the file's bundles");
            }
            return bundle;
        }

        private String context(String key, String value) throws GenerationException {
            try {
                return contexts.apply(value);
            } catch (IllegalArgumentException e) {
                throw fault(key, value, "is not usable: " + e.getMessage());
            }
        }

        private Path path(String key, String value) throws GenerationException {
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
