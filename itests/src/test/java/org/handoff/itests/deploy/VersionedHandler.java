package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.handlers.versioned.First;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.load.Watched;

/** A handler that clients use: how its versions come into a Karaf, and what its clients get meanwhile. */
final class VersionedHandler {

    static final String NAME = "test.first";
    static final String CONTEXT = "/versioned/first";
    /** Its pool. */
    static final String POOL = "default";

    static final String MISSING = "org.handoff.nowhere";

    /** The state that begins, and the one that ends, if it is another one. */
    private static final Pattern BEGINS = Pattern.compile("(\\w+)(?:, no longer (\\w+))?(?:[,:] .*)?");

    private static final List<String> FILES =
            List.of("first.jar", "first-1.jar", "first-2.jar", "first.kar", "words.jar");

    private final Karaf karaf;

    VersionedHandler(Karaf karaf) {
        this.karaf = karaf;
    }

    /** Takes away all that a test may have deployed, and waits until it is gone. */
    void undeploy() throws Exception {
        for (String name : FILES) {
            karaf.undeploy(name);
        }
        karaf.awaitStatus(404, CONTEXT);
    }

    /** A part of a file, as it is while somebody copies it. */
    static Path truncated(Path whole) throws Exception {
        return Files.write(Karaf.FOLDER.resolve("part.jar"), Arrays.copyOf(Files.readAllBytes(whole), 700));
    }

    Watched watch() {
        return new Watched(karaf.httpPort(), CONTEXT);
    }

    static Path build(String version, String... headersAndValues) throws Exception {
        Map<String, String> headers = new HashMap<>(Map.of("Bundle-Version", version));
        for (int i = 0; i < headersAndValues.length; i += 2) {
            headers.put(headersAndValues[i], headersAndValues[i + 1]);
        }
        return HandlerBundle.ofComponent(NAME, First.class, headers);
    }

    void deployAndAwait(String version, String name) throws Exception {
        karaf.deploy(build(version), name);
        awaitVersion(version);
    }

    void awaitVersion(String version) {
        awaitText(version + " ");
    }

    /** Waits until one of those clients gets a version: a worker with the former code may have them all until it goes. */
    void awaitVersion(Watched watched, String version) {
        karaf.await(version + " for the clients", () -> watched.answers().containsKey(version + " "));
    }

    void awaitText(String text) {
        awaitText(CONTEXT, text);
    }

    void awaitText(String context, String text) {
        karaf.await(context + " to say " + text, () -> karaf.get(context).text().equals(text));
    }

    void awaitContext(String state, String words) {
        awaitContext(CONTEXT, state, words);
    }

    void awaitContext(String context, String state, String words) {
        karaf.await(
                context + " " + state + ", " + words,
                () -> karaf.shell("monitor:contexts")
                        .lines()
                        .anyMatch(line -> line.startsWith(context) && line.contains(state) && line.contains(words)));
    }

    /** What Karaf's log says of a context of a pool, without the lines that were there before. */
    static List<String> logged(Karaf karaf, int before, String context, String pool) throws Exception {
        String begin = "Context " + context + " of pool " + pool + ": ";
        return karaf.logSince(before).stream()
                .filter(line -> line.contains(begin))
                .map(line -> line.substring(line.indexOf(begin) + begin.length()))
                .toList();
    }

    /** Whoever reads these lines knows the state of the context at any time, and reads none twice. */
    static void assertLogOfStates(List<String> lines) {
        String state = null;
        String last = "";
        for (String line : lines) {
            Matcher begins = BEGINS.matcher(line);
            assertTrue(begins.matches(), line);
            String ends = state != null && begins.group(2) == null ? begins.group(1) : begins.group(2);
            assertEquals(state, ends, lines.toString());
            assertNotEquals(last, line, lines.toString());
            state = begins.group(1);
            last = line;
        }
    }

    /** The clients got these answers, each at least once, and nothing else. */
    static void assertOnly(Watched watched, String... texts) throws Exception {
        watched.close();
        assertEquals(
                Set.of(texts), watched.answers().keySet(), watched.answers().toString());
    }

    /** The clients got this text, were told to come again, or found nobody; none was told that there is nothing. */
    static void assertNever404(Watched watched, String text) throws Exception {
        watched.close();
        Set<String> others = new TreeSet<>(watched.answers().keySet());
        assertTrue(others.remove(text), watched.answers().toString());
        others.removeIf(answer -> answer.equals(Watched.STATUS + 503) || answer.startsWith(Watched.CLOSED));
        assertEquals(Set.of(), others, watched.answers().toString());
    }
}
