package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Shell;
import org.handoff.itests.karaf.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs that dump a worker in C whose handler never returns: {@code dump.command}. */
@ExtendWith(OurKaraf.class)
class DumpCommandTest {

    private static final String CFG = "org.handoff.pool-hang.cfg";

    private final Karaf karaf;
    /** Built once: a debugger finds no program that was replaced. */
    private Path program;

    @TempDir
    Path folder;

    DumpCommandTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void undeploy() throws IOException {
        karaf.delete(CFG);
        karaf.await("the end of its processes", () -> karaf.workers().size() == 2);
    }

    private void pool(String dumpCommand, String... more) throws Exception {
        List<String> lines = Stream.concat(
                        Stream.of(
                                "kind = native",
                                "context = /hang",
                                "workers = 1",
                                "command = " + program,
                                "dump.command = " + dumpCommand),
                        Stream.of(more))
                .toList();
        karaf.write(CFG, String.join("\n", lines) + "\n");
        karaf.await("its worker", () -> worker() != null);
    }

    /** The id of the worker that is on; null for none. */
    private String worker() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row ->
                        row.get("pool").equals("hang") && row.get("state").equals("on"))
                .map(row -> row.get("id"))
                .findFirst()
                .orElse(null);
    }

    private Path script(String text) throws IOException {
        return Files.writeString(folder.resolve("dump.sh"), text);
    }

    private void awaitLine(String id, String text) {
        karaf.await(
                "the line " + text,
                () -> karaf.log().stream().anyMatch(line -> line.contains("[" + id + "] ") && line.contains(text)));
    }

    @Test
    void itDumpsAWorkerThatHangs() throws Exception {
        program = CWorker.build(Karaf.FOLDER);
        pool("sh " + script("echo no rights for $1; exit 3") + " {pid}");
        String id = worker();
        Shell.Result failed = karaf.execute("worker:dump " + id);
        assertTrue(failed.status() != 0 && failed.printed().contains("exit status 3"), failed::toString);
        awaitLine(id, "no rights for ");
        assertEquals(id, worker(), "it goes on");
        try (Http client = new Http(karaf.httpPort())) {
            client.send("GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n");
            karaf.await(
                    "the request with its handler",
                    () -> karaf.shell("worker:info " + id).contains("of connection "));
            pool("gdb -p {pid} -nx -batch -ex 'thread apply all bt'");
            karaf.await(
                    "a dump, once the pool has the command",
                    () -> karaf.shell("worker:dump " + id).isBlank());
            awaitLine(id, " hang (");
            assertEquals(id, worker(), "it goes on");
            pool(
                    "sh " + script("echo \"process $(cat /proc/$1/comm) of $2\"") + " {pid} 'pool hang'",
                    "request.timeout = 1");
            assertEquals(504, client.receive().status());
        }
        awaitLine(id, "process " + CWorker.NAME + " of pool hang");
        karaf.await("another worker", () -> worker() != null && !worker().equals(id));
    }
}
