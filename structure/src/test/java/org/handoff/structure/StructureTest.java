package org.handoff.structure;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The rules of CONTRIBUTING.md that a program can check. Each failure names the file, and what to do. */
class StructureTest {

    private static final int LINES = 400;
    private static final int LINES_OF_TESTS = 500;
    private static final int CLASSES = 25;

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void packagesHaveNoCycle() throws Exception {
        List<Path> compiled = new ArrayList<>(modules("target/classes/org/handoff"));
        compiled.addAll(modules("target/test-classes/org/handoff"));
        JavaClasses classes = new ClassFileImporter().importPaths(compiled);
        assertTrue(classes.contain(StructureTest.class), "nothing compiled in " + compiled);

        ArchRule rule = SlicesRuleDefinition.slices()
                .matching("org.handoff.(**)")
                .should()
                .beFreeOfCycles()
                .because("a package is understood without those that know it: let one of them know an interface of its"
                        + " own that the other implements, or move the class between them to where it is used");
        rule.check(classes);
    }

    @Test
    void packagesNamedInternalAreNotExported() throws Exception {
        List<String> exported = new ArrayList<>();
        List<Path> manifests = modules("target/classes/META-INF/MANIFEST.MF");
        assertFalse(manifests.isEmpty(), "no bundle has a manifest: build them first");
        for (Path manifest : manifests) {
            try (InputStream in = Files.newInputStream(manifest)) {
                String exports = new Manifest(in).getMainAttributes().getValue("Export-Package");
                if (exports != null && exports.matches(".*\\binternal\\b.*")) {
                    exported.add(ROOT.relativize(manifest) + " exports " + exports + ": take @Export away from the"
                            + " package-info.java of what is named internal, or give what others need another package");
                }
            }
        }
        none(exported);
    }

    @Test
    void classesAreShort() throws Exception {
        List<String> tooLong = new ArrayList<>(longer("src/main/java", LINES));
        tooLong.addAll(longer("src/test/java", LINES_OF_TESTS));
        none(tooLong);
    }

    private static List<String> longer(String folder, int most) throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path source : sources(folder)) {
            int lines = Files.readAllLines(source).size();
            if (lines > most) {
                tooLong.add(ROOT.relativize(source) + " has " + lines + " lines, " + most
                        + " is the most: move what has a name of its own into a class of its own");
            }
        }
        return tooLong;
    }

    @Test
    void packagesAreSmall() throws Exception {
        List<Path> sources = new ArrayList<>(sources("src/main/java"));
        sources.addAll(sources("src/test/java"));
        Map<Path, Long> packages = sources.stream()
                .filter(source -> !source.endsWith("package-info.java"))
                .collect(Collectors.groupingBy(Path::getParent, TreeMap::new, Collectors.counting()));
        none(packages.entrySet().stream()
                .filter(one -> one.getValue() > CLASSES)
                .map(one -> ROOT.relativize(one.getKey()) + " has " + one.getValue() + " classes, " + CLASSES
                        + " is the most: make a package of those that belong together")
                .toList());
    }

    /** Fails with all that is wrong. */
    private static void none(List<String> wrong) {
        if (!wrong.isEmpty()) {
            fail("\n" + String.join("\n", wrong));
        }
    }

    /** What there is at this place in the modules. */
    private static List<Path> modules(String place) throws IOException {
        List<Path> there = new ArrayList<>();
        for (Path folder :
                List.of(ROOT, ROOT.resolve("bundles"), ROOT.resolve("examples"), ROOT.resolve("benchmarks"))) {
            try (Stream<Path> modules = Files.list(folder)) {
                modules.map(module -> module.resolve(place))
                        .filter(Files::exists)
                        .sorted()
                        .forEach(there::add);
            }
        }
        return there;
    }

    private static List<Path> sources(String folder) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Path module : modules(folder)) {
            try (Stream<Path> files = Files.walk(module)) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        return sources;
    }
}
