package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

import org.handoff.itests.handlers.child.Child;
import org.handoff.itests.handlers.large.Large;
import org.handoff.itests.handlers.marks.Marks;
import org.handoff.itests.handlers.noise.Noise;
import org.handoff.itests.handlers.served.ServedServlet;
import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Doors;
import org.handoff.itests.load.Load;
import org.handoff.itests.load.Uploads;

/**
 * The pool that a test of the promise is about: the Java workers that all tests share, a program in C or in Python that
 * answers the same, or a servlet that does. Closing it leaves Karaf as it was.
 */
public final class TestedPool implements AutoCloseable {

    private static final Path WSGI_APPLICATIONS =
            Path.of("src", "test", "python").toAbsolutePath();
    private static final Path PYTHON_LIBRARY =
            Path.of("..", "sdk", "python").toAbsolutePath().normalize();

    private static final String SERVED = "served.jar";

    private final Karaf karaf;
    private final Kind kind;
    private final String former;
    /** The handler that the Java workers have got for the test, or null. */
    private String deployed;

    /** What its workers run. */
    public enum Kind {
        JAVA("default", "java"),
        C("c", CWorker.NAME),
        PYTHON("python", "python3.*"),
        SERVLET("served", "java");

        private final String pool;
        private final String program;

        Kind(String pool, String program) {
            this.pool = pool;
            this.program = program;
        }

        /** Whether a killed worker loses the request whose handler runs, and nothing else. */
        public boolean keepsJournal() {
            return this != PYTHON;
        }

        /** The path of one of its handlers. */
        public String path(String handler) {
            return this == JAVA ? handler : "/" + pool + handler;
        }

        /** How often to do what is done so often with Java workers: by default less, as the promise is the same. */
        public int times(int usual) {
            return this == JAVA || Runs.areLong() ? Runs.times(usual) : Math.max(1, usual / 5);
        }

        /** How long to go on with what takes so long with Java workers. */
        public Duration lasting(Duration usual) {
            return this == JAVA || Runs.areLong() ? Runs.lasting(usual) : usual.dividedBy(5);
        }

        private String file() {
            return "org.handoff.pool-" + pool + ".cfg";
        }

        /** What makes the pool. */
        private String settings() throws IOException, InterruptedException {
            return this == SERVLET
                    ? "servlets = (bundle=test.served)\nsettle.time = 1\n"
                    : "kind = native\ncontext = " + path("") + "\ncommand = " + command() + "\n";
        }

        private String command() throws IOException, InterruptedException {
            return this == C
                    ? CWorker.build(Karaf.FOLDER).toString()
                    : "/usr/bin/python3 -B -m handoff.wsgi worker\nenvironment.PYTHONPATH = " + PYTHON_LIBRARY + ":"
                            + WSGI_APPLICATIONS;
        }
    }

    /** Has a pool of two workers, unless the keys, each followed by its value, say otherwise. */
    public TestedPool(Karaf karaf, Kind kind, String... keysAndValues) throws Exception {
        this.karaf = karaf;
        this.kind = kind;
        if (kind == Kind.JAVA) {
            former = karaf.read(Workers.CFG);
            karaf.configure(Workers.CFG, keysAndValues);
        } else {
            former = "";
            StringBuilder file = new StringBuilder(kind.settings());
            for (int i = 0; i < keysAndValues.length; i += 2) {
                file.append(keysAndValues[i] + " = " + keysAndValues[i + 1] + "\n");
            }
            if (kind == Kind.SERVLET) {
                karaf.install("handoff-servlet");
                karaf.deploy(build("test.served", ServedServlet.class), SERVED);
            }
            karaf.write(kind.file(), file.toString());
            try {
                karaf.awaitStatus(200, hello());
            } catch (AssertionError e) {
                removeServlet();
                karaf.delete(kind.file());
                throw e;
            }
        }
    }

    /** A bundle with the package of that class, and with what large bodies are made of. */
    private static Path build(String symbolicName, Class<?> handler) throws Exception {
        return HandlerBundle.build(
                symbolicName,
                handler,
                Map.of(
                        "Bundle-Version",
                        "1.0.0",
                        "Private-Package",
                        handler.getPackageName() + "," + Noise.class.getPackageName()));
    }

    private void removeServlet() throws IOException {
        if (kind == Kind.SERVLET) {
            karaf.undeploy(SERVED);
            karaf.awaitStatus(404, hello());
            karaf.shell("feature:uninstall handoff-servlet");
        }
    }

    public String name() {
        return kind.pool;
    }

    /** Sets keys of the pool, each followed by its value; returns when Karaf has taken them. */
    public void configure(String... keysAndValues) throws IOException {
        karaf.configure(kind.file(), keysAndValues);
    }

    /** Has it serve a handler that notes what it begins. @return the path */
    public String serveMarks() throws Exception {
        return serve("/marks", Marks.class);
    }

    /** Has it serve a handler that sends large bodies. @return the path */
    public String serveLarge() throws Exception {
        return serve("/large", Large.class);
    }

    /** Has it serve a handler that starts a process. @return the path */
    public String serveChild() throws Exception {
        return serve("/child", Child.class);
    }

    /** Has it serve a handler that holds requests; not in Python. The caller closes it. */
    public Doors doors() throws Exception {
        return kind == Kind.JAVA ? new Doors(karaf) : new Doors(karaf, kind.path("/gate"));
    }

    private String serve(String path, Class<?> handler) throws Exception {
        if (kind == Kind.JAVA) {
            karaf.deploy(build("test" + path.replace('/', '.'), handler), "tested.jar");
            deployed = path;
        }
        // Without what a request has to say they fail.
        karaf.awaitStatus(500, kind.path(path));
        return kind.path(path);
    }

    /** A path that it answers quickly. */
    public String hello() {
        return kind == Kind.JAVA ? "/hello" : kind.path("");
    }

    /** Clients of its other handlers. */
    public Load load(int clients) {
        return kind == Kind.JAVA
                ? new Load(karaf.httpPort(), clients)
                : new Load(karaf.httpPort(), clients, hello(), hello());
    }

    /** A path that answers the digest of what is sent there. */
    public String digest() {
        return kind == Kind.JAVA ? "/digest" : kind.path("/sum");
    }

    /** Clients that send large bodies. */
    public Uploads uploads(int clients, long seed) {
        return new Uploads(karaf.httpPort(), clients, seed, digest(), (content, length) -> {
            if (kind == Kind.JAVA) {
                return Uploads.sha256(content, length);
            }
            CRC32 crc = new CRC32();
            crc.update(content, 0, length);
            return String.format("%08x", crc.getValue());
        });
    }

    public List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals(kind.pool))
                .toList();
    }

    /** Its processes. */
    public List<ProcessHandle> processes() throws IOException {
        Pattern program = Pattern.compile(".*/" + kind.program);
        return karaf.workers().stream()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> program.matcher(command).matches())
                        .isPresent())
                .filter(process -> kind != Kind.JAVA && kind != Kind.SERVLET || isOfPool(process))
                .toList();
    }

    /** Whether it is a worker of this pool, which is beside the other pool of Java workers. */
    private boolean isOfPool(ProcessHandle process) {
        return process.info().arguments().stream()
                .flatMap(Stream::of)
                .anyMatch(argument -> argument.contains("/pool-" + kind.pool + "/"));
    }

    public Set<Long> pids() throws IOException {
        return processes().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** Waits until so many workers are on, and no other is there; asks the processes before it asks the shell. */
    public void awaitOn(int count) {
        karaf.await(count + " workers of " + kind + " that are on", () -> {
            Set<Long> before = pids();
            if (before.size() != count) {
                return false;
            }
            List<Map<String, String>> rows = rows();
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"))
                    && pids().equals(before);
        });
    }

    /** Changes something that has both workers replaced, and waits until two others serve. */
    public void replacedBy(Workers.Change change) throws Exception {
        awaitOn(2);
        Set<Long> before = pids();
        change.make();
        karaf.await("the workers " + before + " to be replaced", () -> {
            Set<Long> now = pids();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
    }

    /** Replaces both workers, one after the other. */
    public void recycle() throws Exception {
        replacedBy(() -> command("worker:recycle " + kind.pool));
    }

    @Override
    public void close() throws Exception {
        if (kind != Kind.JAVA) {
            removeServlet();
            karaf.delete(kind.file());
            karaf.awaitStatus(404, hello());
            karaf.await("the end of its processes", () -> processes().isEmpty());
            return;
        }
        for (Map<String, String> row : rows()) {
            if (row.get("state").equals("off")) {
                command("worker:on " + row.get("id"));
            }
        }
        if (deployed != null) {
            karaf.undeployAndAwait("tested.jar", deployed);
        }
        karaf.write(Workers.CFG, former);
        awaitOn(2);
    }

    /** Runs a command of Karaf's shell that prints nothing. */
    public void command(String command) throws IOException {
        assertEquals("", karaf.shell(command).strip(), command);
    }
}
