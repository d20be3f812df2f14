package org.handoff.monitor.internal.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Dictionary;
import java.util.Map;
import java.util.Queue;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

import org.apache.felix.fileinstall.ArtifactInstaller;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.SynchronousConfigurationListener;

/** The guard with the File Install and the Configuration Admin of Karaf, in a framework of its own. */
class ConfigurationGuardTest {

    private static final String POOL = "org.handoff.pool-default.cfg";
    private static final String POOL_PID = "org.handoff.pool~default";
    private static final String TEXT = "# Of a pool.\nsettle.time = 7\nworkers = 3\nplace = ${test.place}\n";

    @TempDir
    Path folder;

    private Path etc;
    private Framework framework;
    private ConfigurationAdmin configurations;
    private int marks;
    /** Open while a test writes a file in parts. */
    private volatile CountDownLatch written = new CountDownLatch(0);
    /** What components see when they are told of a change: Configuration Admin tells them on a thread of its own. */
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws Exception {
        etc = Files.createDirectory(folder.resolve("etc"));
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        folder.resolve("cache").toString(),
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        "org.osgi.service.cm;version=1.6.1",
                        "felix.fileinstall.dir",
                        etc.toString(),
                        "felix.fileinstall.poll",
                        "10",
                        "felix.fileinstall.noInitialDelay",
                        "true",
                        "felix.fileinstall.enableConfigSave",
                        "true",
                        "test.place",
                        "here"));
        framework.start();
        BundleContext context = framework.getBundleContext();
        for (Class<?> of : new Class<?>[] {org.apache.felix.cm.PersistenceManager.class, ArtifactInstaller.class}) {
            context.installBundle(of.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toString())
                    .start();
        }
        configurations = context.getService(context.getServiceReference(ConfigurationAdmin.class));
        context.registerService(ConfigurationListener.class, this::told, null);
        guard();
        Files.writeString(etc.resolve(POOL), TEXT);
        awaitKey(POOL_PID, "workers", "3");
        awaitWritten();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(0);
    }

    private void guard() throws IOException {
        framework
                .getBundleContext()
                .registerService(
                        SynchronousConfigurationListener.class,
                        new ConfigurationGuard(configurations, this::readByFileInstall, this::settle),
                        null);
    }

    /** Waits for the writer of a test first, however slow the machine is. */
    private WrittenFile.State settle(Path file) throws IOException {
        try {
            written.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return WrittenFile.settle(file);
    }

    /** By its name: the bundle has its own class of that name. */
    private void readByFileInstall(File file) throws Exception {
        BundleContext context = framework.getBundleContext();
        Object installer = context.getService(context.getAllServiceReferences(
                        "org.apache.felix.fileinstall.ArtifactInstaller",
                        "(objectClass=" + ConfigurationListener.class.getName() + ")")[0]);
        installer.getClass().getMethod("update", File.class).invoke(installer, file);
    }

    private void told(ConfigurationEvent event) {
        seen.add(event.getPid() + " " + value(event.getPid(), "settle.time"));
    }

    private Dictionary<String, Object> properties(String pid) {
        try {
            Configuration[] found = configurations.listConfigurations("(service.pid=" + pid + ")");
            return found == null ? null : found[0].getProperties();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Object value(String pid, String key) {
        Dictionary<String, Object> properties = properties(pid);
        return properties == null ? null : properties.get(key);
    }

    private void awaitKey(String pid, String key, Object value) {
        Await.awaitEquals(key + " of " + pid, value, () -> value(pid, key));
    }

    private void awaitFile(String text) {
        Await.await(
                POOL + " with " + text,
                () -> Files.readString(etc.resolve(POOL)).contains(text));
    }

    private void assertNoneSaw(String value) {
        assertFalse(seen.contains(POOL_PID + " " + value), seen.toString());
    }

    private void awaitHeld() {
        Await.await("the guard to hold the configuration", () -> value(POOL_PID, ConfigurationGuard.HELD_FILE) != null);
    }

    /** The guard holds the configuration again when File Install reads what it is writing itself. */
    private void awaitNoHold() {
        Await.await("no hold", () -> value(POOL_PID, ConfigurationGuard.HELD_FILE) == null);
    }

    @Test
    void fileThatIsReadWhileItIsEmptyLosesNothing() throws Exception {
        try (OutputStream file = Files.newOutputStream(etc.resolve(POOL))) {
            awaitHeld();
            assertEquals("7", value(POOL_PID, "settle.time"));
            // Nobody writes into it but its writer, so that nothing of another text stays behind his.
            assertEquals(0, Files.size(etc.resolve(POOL)));
            file.write("# New.\nsettle.time = 8\nworkers = 3\nplace = ${test.place}\n"
                    .getBytes(StandardCharsets.ISO_8859_1));
        }
        awaitKey(POOL_PID, "settle.time", "8");
        awaitNoHold();
        assertEquals("here", value(POOL_PID, "place"));
        assertNoneSaw("null");
        awaitFile("# New.");
        awaitFile("${test.place}");
    }

    @Test
    void fileThatIsWrittenAsItWasHasItsConfigurationAgain() throws Exception {
        try (OutputStream file = Files.newOutputStream(etc.resolve(POOL))) {
            awaitHeld();
            file.write(TEXT.getBytes(StandardCharsets.ISO_8859_1));
        }
        Await.await("the configuration's file", () -> value(POOL_PID, "felix.fileinstall.filename") != null);
        assertEquals("7", value(POOL_PID, "settle.time"));
        assertNoneSaw("null");
    }

    @Test
    void fileThatIsReadHalfLosesNothing() throws Exception {
        written = new CountDownLatch(1);
        try (OutputStream file = Files.newOutputStream(etc.resolve(POOL))) {
            file.write("workers = 4\n".getBytes(StandardCharsets.ISO_8859_1));
            awaitHeld();
            file.write("settle.time = 9\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        written.countDown();
        awaitKey(POOL_PID, "settle.time", "9");
        awaitKey(POOL_PID, "workers", "4");
        assertNoneSaw("null");
    }

    @Test
    void keysThatFileInstallHasDeletedTooEarlyComeBack() throws Exception {
        written = new CountDownLatch(1);
        try (OutputStream file = Files.newOutputStream(etc.resolve(POOL))) {
            awaitHeld();
            // As File Install writes what it has read from the empty file.
            file.write("# Of a pool.\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        written.countDown();
        awaitFile("settle.time = 7");
        awaitFile("# Of a pool.");
        awaitKey(POOL_PID, "settle.time", "7");
        awaitNoHold();
    }

    @Test
    void fileThatStaysEmptyLeavesTheFormerSettingsUntilItIsWritten() throws Exception {
        Path path = etc.resolve(POOL);
        Files.newOutputStream(path).close();
        awaitHeld();
        awaitWritten();
        assertEquals("7", value(POOL_PID, "settle.time"));
        assertNoneSaw("null");
        Files.writeString(path, "# Nothing but defaults.\n");
        awaitNoHold();
        Await.await("the defaults", () -> value(POOL_PID, "settle.time") == null);
        // File Install writes it once more.
        Await.awaitEquals("the file", "# Nothing but defaults.\n", () -> Files.readString(path));
    }

    /** Waits until File Install is done with what it has taken: it hears of changes in their order, and writes files then. */
    private void awaitWritten() throws IOException {
        String name = "org.handoff.mark" + ++marks;
        Files.writeString(etc.resolve(name + ".cfg"), "settle.time = 0\n");
        Await.await("File Install to take another file", () -> seen.contains(name + " 0"));
    }

    @Test
    void keysThatAreRemovedOnPurposeAreGone() throws Exception {
        move("workers = 3\n");
        Await.await("settle.time to go", () -> value(POOL_PID, "settle.time") == null);
        awaitKey(POOL_PID, "workers", "3");
        awaitNoHold();
        Await.awaitEquals("the file", "workers = 3\n", () -> Files.readString(etc.resolve(POOL)));
    }

    @Test
    void keyThatACommandRemovesIsGoneFromTheFileToo() throws Exception {
        Dictionary<String, Object> less = properties(POOL_PID);
        less.remove("settle.time");
        configurations.getConfiguration(POOL_PID, null).update(less);
        Await.await(
                "the file without it",
                () -> !Files.readString(etc.resolve(POOL)).contains("settle.time")
                        && Files.readString(etc.resolve(POOL)).contains("workers"));
        assertNull(value(POOL_PID, "settle.time"));
    }

    @Test
    void commandGoesIntoAFileThatIsEmpty() throws Exception {
        Files.newOutputStream(etc.resolve(POOL)).close();
        awaitHeld();
        Dictionary<String, Object> more = properties(POOL_PID);
        more.put("workers", "6");
        configurations.getConfiguration(POOL_PID, null).update(more);
        awaitFile("workers = 6");
        awaitFile("settle.time = 7");
        awaitWritten();
        assertEquals("6", value(POOL_PID, "workers"));
        awaitNoHold();
    }

    @Test
    void deletedFileEndsItsConfiguration() throws Exception {
        Files.delete(etc.resolve(POOL));
        Await.await("the end", () -> properties(POOL_PID) == null);
        // File Install deletes the file of a deleted configuration once more when it hears of that.
        awaitWritten();
        move("workers = 2\n");
        awaitKey(POOL_PID, "workers", "2");
        assertNull(value(POOL_PID, "settle.time"));
    }

    @Test
    void configurationIsStillHeldByTheNextGuard() throws Exception {
        Files.newOutputStream(etc.resolve(POOL)).close();
        awaitHeld();
        awaitWritten();
        guard();
        Files.writeString(etc.resolve(POOL), TEXT);
        awaitNoHold();
        assertEquals("7", value(POOL_PID, "settle.time"));
        assertNoneSaw("null");
    }

    @Test
    void typedFilesAndThoseOfOnePidAreGuardedToo() throws Exception {
        for (String name : new String[] {"org.handoff.monitor.cfg", "org.handoff.lrwp.config"}) {
            String pid = name.substring(0, name.lastIndexOf('.'));
            Path path = etc.resolve(name);
            String text = name.endsWith("config") ? "a = \"b\"\nport = I\"80\"\n" : "a = b\nport = 80\n";
            Files.writeString(path, text);
            awaitKey(pid, "a", "b");
            awaitWritten();
            Object port = value(pid, "port");
            try (OutputStream file = Files.newOutputStream(path)) {
                Await.await("hold", () -> value(pid, ConfigurationGuard.HELD_FILE) != null);
                assertEquals(port, value(pid, "port"));
                file.write(text.getBytes(StandardCharsets.ISO_8859_1));
            }
            Await.await("no hold", () -> value(pid, ConfigurationGuard.HELD_FILE) == null);
            assertEquals(port, value(pid, "port"));
        }
    }

    @Test
    void configurationsOfOthersAreLeftAlone() throws Exception {
        Files.writeString(etc.resolve("org.other.cfg"), "a = b\n");
        awaitKey("org.other", "a", "b");
        awaitWritten();
        Files.newOutputStream(etc.resolve("org.other.cfg")).close();
        Await.await("its end", () -> value("org.other", "a") == null);
        assertTrue(properties("org.other").get(ConfigurationGuard.HELD_FILE) == null);
    }

    private void move(String text) throws IOException {
        Path part = Files.writeString(folder.resolve("part"), text);
        Files.move(part, etc.resolve(POOL), StandardCopyOption.ATOMIC_MOVE);
    }
}
