package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.protocol.generation.BundleGroup;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationTest {

    private static final HandlerPlan ONE = new HandlerPlan(
            new Code("one", "one", "x.One", List.of(Path.of("/s/one.jar"), Path.of("/s/shared.jar"))),
            List.of("/a", "/ü b"),
            "");
    private static final HandlerPlan TWO = new HandlerPlan(
            new Code("two", "two", null, List.of(Path.of("/s/two.jar"), Path.of("/s/shared.jar"))),
            List.of("/c"),
            "h.org");

    @TempDir
    Path folder;

    @Test
    void theFileSaysWhatWorkersServe() throws Exception {
        Path file = folder.resolve("generation.properties");
        new Generation(7, settings("http.body.limit", "5"), List.of(ONE, TWO))
                .file()
                .write(file);
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        }
        assertEquals(
                Map.ofEntries(
                        Map.entry("generation", "7"),
                        Map.entry("http.body.limit", "5"),
                        Map.entry("bundle.1", "/s/one.jar"),
                        Map.entry("bundle.2", "/s/shared.jar"),
                        Map.entry("bundle.3", "/s/two.jar"),
                        Map.entry("handler.1.bundle", "1"),
                        Map.entry("handler.1.component", "x.One"),
                        Map.entry("handler.1.host", ""),
                        Map.entry("handler.1.context.1", "/a"),
                        Map.entry("handler.1.context.2", "/ü b"),
                        Map.entry("handler.2.bundle", "3"),
                        Map.entry("handler.2.host", "h.org"),
                        Map.entry("handler.2.context.1", "/c")),
                read);
    }

    @Test
    void filesNeedNoBundle() {
        Code files = Code.of("p", Path.of("/srv/www"));
        HandlerPlan plan = new HandlerPlan(files, List.of("/static"), "");
        GenerationFile file =
                new Generation(7, settings("http.x", "1"), List.of(ONE, plan, TWO), Set.of(files, ONE.code())).file();
        assertEquals(
                HandlerEntry.ofFiles(2, Path.of("/srv/www"), List.of("/static"), ""),
                file.handlers().get(1));
        assertEquals(
                List.of(Set.of(1, 2), Set.of(2, 3)),
                file.groups().stream().map(BundleGroup::bundles).toList());
    }

    @Test
    void formerCodeIsKeptApartFromWhatTheFrameworkHas() {
        List<HandlerPlan> both = List.of(ONE, TWO);
        assertEquals(List.of(), groups(both, Set.of()));
        assertEquals(List.of(Set.of(1, 2), Set.of(2, 3)), groups(both, Set.of(ONE.code())));
        assertEquals(List.of(Set.of(2, 3), Set.of(1, 2)), groups(both, Set.of(TWO.code())));
        assertEquals(List.of(), groups(List.of(ONE), Set.of(ONE.code())), "nobody is there but itself");
        HandlerPlan three =
                new HandlerPlan(new Code("three", "three", null, List.of(Path.of("/s/three.jar"))), List.of("/d"), "");
        assertEquals(List.of(Set.of(2, 3), Set.of(1, 2, 4)), groups(List.of(ONE, TWO, three), Set.of(TWO.code())));
    }

    private static List<Set<Integer>> groups(List<HandlerPlan> handlers, Set<Code> former) {
        return new Generation(7, settings("http.x", "1"), handlers, former)
                .file().groups().stream().map(BundleGroup::bundles).toList();
    }

    @Test
    void formerCodeHasTheConfigurationsOfItsTimeForItself() {
        HandlerPlan former = new HandlerPlan(configured("/s/a1", "/s/b"), List.of("/a"), "");
        HandlerPlan present = new HandlerPlan(configured("/s/a2", "/s/b"), List.of("/b"), "");
        GenerationFile alone = new Generation(7, settings("http.x", "1"), List.of(present)).file();
        assertEquals(Map.of(1, Path.of("/s/a2"), 2, Path.of("/s/b")), alone.configurations());
        assertEquals(List.of(), alone.groups());
        GenerationFile both =
                new Generation(7, settings("http.x", "1"), List.of(former, present), Set.of(former.code())).file();
        assertEquals(Map.of(1, Path.of("/s/one.jar"), 2, Path.of("/s/one.jar")), both.bundles(), "one for each group");
        assertEquals(Map.of(1, Path.of("/s/a1"), 2, Path.of("/s/b"), 3, Path.of("/s/a2")), both.configurations());
        assertEquals(
                List.of(new BundleGroup(Set.of(1), Set.of(1, 2)), new BundleGroup(Set.of(2), Set.of(2, 3))),
                both.groups());
        assertEquals(
                List.of(1, 2),
                both.handlers().stream().map(HandlerEntry::bundle).toList());
    }

    @Test
    void changedConfigurationsAreNamedWhereNothingElseHasChanged() {
        Code code = configured("/s/a1", "/s/b");
        assertEquals(List.of("a"), configured("/s/a2", "/s/b").changedConfigurations(code));
        assertEquals(List.of("a", "b"), new Code("one", "one", "x.One", code.bundles()).changedConfigurations(code));
        assertEquals(List.of(), code.changedConfigurations(code));
        assertEquals(List.of(), ONE.code().changedConfigurations(code));
        assertEquals(List.of(), code.changedConfigurations(null));
    }

    private static Code configured(String a, String b) {
        return new Code(
                "one",
                "one",
                "x.One",
                List.of(Path.of("/s/one.jar")),
                new TreeMap<>(Map.of("a", Path.of(a), "b", Path.of(b))));
    }

    @Test
    void generationsAreLikeEachOtherByWhatTheyDo() {
        Generation one = new Generation(1, settings("http.x", "1"), List.of(ONE));
        assertTrue(one.isLike(new Generation(2, settings("http.x", "1"), List.of(ONE))));
        assertTrue(one.isLike(new Generation(2, settings("http.x", "1"), List.of(ONE), Set.of(ONE.code()))));
        assertFalse(one.isLike(new Generation(2, settings("http.x", "2"), List.of(ONE))));
        assertFalse(one.isLike(new Generation(2, settings("environment.X", "1"), List.of(ONE))));
        assertFalse(one.isLike(new Generation(2, settings("http.x", "1"), List.of(ONE, TWO))));
        assertFalse(one.isLike(null));
    }

    private static WorkerSettings settings(String key, String value) {
        return WorkerSettings.of(TestPoolConfig.of(Map.of("warmup", "/a /b")), Map.of(key, value));
    }
}
