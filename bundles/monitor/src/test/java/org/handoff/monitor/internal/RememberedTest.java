package org.handoff.monitor.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 404 means that nobody wants it, also in the first moments of Karaf and in the last. */
class RememberedTest {

    private final Target pool = connection -> {};
    private final List<String> logged = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void contextsAreExpectedFromTheFirstMomentOnUntilTheirTargetsAreBack() {
        Routes before = routes();
        put(before, 1, "/kept");
        put(before, 2, "/withdrawn");
        before.remove(Map.of("service.id", 2L), false);
        before.remove(Map.of("service.id", 1L), true);
        assertNotNull(before.find("h", "/kept"), "while its bundle is away");
        assertNull(before.find("h", "/withdrawn"));
        before.close();

        logged.clear();
        Routes after = routes();
        assertNull(after.find("h", "/withdrawn"));
        Target expected = after.find("h", "/kept/below").target();
        assertNotNull(expected);
        assertEquals(
                List.of("expected"),
                after.all().stream().map(one -> one.shown().get(Target.STATE)).toList());
        assertEquals(
                List.of("Context /kept of pool p: expected: its target has gone with its bundle, or with Karaf's last"
                        + " stop, and is expected back for 60 s"),
                logged);
        put(after, 3, "/kept");
        assertSame(pool, after.find("h", "/kept").target());
        assertEquals("Context /kept of pool p: no longer expected", logged.get(1));
        assertEquals(1, after.all().size());
        assertSame(pool, after.sole());
    }

    @Test
    void whatGoesWhenTheMonitorStopsIsRemembered() {
        Routes before = routes();
        put(before, 1, "/x");
        before.close();
        before.remove(Map.of("service.id", 1L), false);
        assertNotNull(routes().find("h", "/x"));
    }

    @Test
    void aFileThatIsNoneIsNoHindrance() throws Exception {
        Files.write(folder.resolve("contexts"), new byte[] {(byte) 0xff, 0, '\t', '\n', 'x'});
        assertNull(routes().find("h", "/x"));
        Files.writeString(folder.resolve("contexts"), "h\tno/slash\tpool p\n\t/x\tpool p\n");
        assertNotNull(routes().find("h", "/x"));
    }

    private Routes routes() {
        return new Routes(
                Runnable::run, addresses -> {}, new Remembered(folder.resolve("contexts")), new RouteLog(logged::add));
    }

    private void put(Routes routes, long service, String context) {
        routes.put(
                () -> List.of(new TargetGroup.Member(pool, Map.of(Target.CONTEXT, context, Target.NAME, "pool p"))),
                Map.of("service.id", service));
    }
}
