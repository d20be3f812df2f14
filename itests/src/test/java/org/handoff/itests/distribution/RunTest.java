package org.handoff.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.karaf.Karaf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code ./run} says, and what it keeps from one start to the next: in a copy of the project without its sources,
 * where building does nothing, as the archive is there. {@code ./run status} has Karaf's script look for a Karaf that
 * runs, in place of starting one.
 */
class RunTest {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path copy;

    @BeforeEach
    void copyTheProject() throws IOException {
        Files.copy(PROJECT.resolve("run"), copy.resolve("run"));
        Path tools = Files.createDirectories(copy.resolve("tools"));
        try (DirectoryStream<Path> scripts = Files.newDirectoryStream(PROJECT.resolve("tools"))) {
            for (Path script : scripts) {
                Files.copy(script, tools.resolve(script.getFileName()));
            }
        }
        Path mvnw = Files.writeString(copy.resolve("mvnw"), "#!/bin/sh\n");
        assertTrue(mvnw.toFile().setExecutable(true));
        Path archive =
                Files.createDirectories(copy.resolve("karaf-assembly/target")).resolve("karaf-assembly-0.tar.gz");
        Files.createLink(archive, Karaf.UNDER_TEST.resolve("our-karaf.tar.gz"));
    }

    @Test
    void whatWasDeployedStaysAndAllElseIsNewAsItSays() throws Exception {
        String said = run();
        assertTrue(said.contains("Each ./run unpacks target/run anew, except deploy/."), said);
        assertNamesTheShellAndItsUser(said);

        Path karaf = copy.resolve("target/run");
        Path deployed = Files.writeString(karaf.resolve("deploy/greeting-1.0.jar"), "a bundle");
        Path cache = Files.createDirectories(karaf.resolve("data/cache/bundle7"));
        Path users = karaf.resolve("etc/users.properties");
        String before = Files.readString(users);
        Files.writeString(users, "somebody = else");
        run();
        assertEquals("a bundle", Files.readString(deployed));
        assertFalse(Files.exists(cache), "a cache of another Karaf");
        assertEquals(before, Files.readString(users));
    }

    /** All other tests come into Karaf's shell as this user. */
    private void assertNamesTheShellAndItsUser(String said) throws IOException {
        assertTrue(said.contains("Karaf's shell: target/run/bin/client,"), said);
        assertTrue(Files.isExecutable(copy.resolve("target/run/bin/client")));
        assertTrue(said.contains("uncomment the lines of the user karaf in\ntarget/run/etc/users.properties"), said);
        String users = Files.readString(copy.resolve("target/run/etc/users.properties"));
        assertEquals(new Properties(), properties(users), "nobody may use it");
        Properties uncommented = properties(users.replaceAll("(?m)^#(karaf =|_g_)", "$1"));
        assertEquals("karaf,_g_:admingroup", uncommented.get("karaf"));
        assertTrue(uncommented.getProperty("_g_:admingroup").contains("admin,"), uncommented.toString());
        Matcher named = Pattern.compile("target/run/[\\w./]*\\w").matcher(said);
        while (named.find()) {
            boolean isLog = named.group().endsWith(".log");
            assertTrue(isLog || Files.exists(copy.resolve(named.group())), named.group());
        }
    }

    private static Properties properties(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return properties;
    }

    /** Runs it to its end, and to that of what watches the start. */
    private String run() throws Exception {
        Process shell = new ProcessBuilder(copy.resolve("run").toString(), "status")
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        shell.waitFor();
        assertTrue(said.contains("Not Running"), said);
        return said;
    }
}
