package org.handoff.worker.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.handoff.testkit.Await;
import org.handoff.testkit.Jdks;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.runtime.bundles.Hello;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tests with real worker processes share: a generation to be started, and requests for it. */
@Timeout(300)
abstract class WorkerFixture {

    static final Path JDK = Jdks.OURS;
    static final String HELLO = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static final String FOREIGN = "GET /foreign HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;

    final List<String> generation = new ArrayList<>(List.of("generation=1"));
    final Map<String, String> environment = new HashMap<>(Map.of("HANDOFF_DISPATCH", "connection"));
    int bundles;
    int handlers;

    @BeforeEach
    void bundles() throws IOException {
        add(new TestBundle("hello").component(Hello.class, "/hello", ""), Hello.class, "/hello");
    }

    void add(TestBundle bundle, Class<?> component, String context) throws IOException {
        generation.add("bundle." + ++bundles + "=" + bundle.write(directory));
        if (context != null) {
            generation.add("handler." + ++handlers + ".bundle=" + bundles);
            generation.add("handler." + handlers + ".context.1=" + context);
            if (component != null) {
                generation.add("handler." + handlers + ".component=" + component.getName());
            }
        }
    }

    void addWaiting() throws IOException {
        add(new TestBundle("waiting").component(Waiting.class, "/waiting", ""), Waiting.class, "/waiting");
    }

    TestPool start(Path jdk) throws Exception {
        Path file = directory.resolve("generation.properties");
        Files.write(file, generation);
        return new TestPool(jdk, directory, file, "1", environment);
    }

    static String waiting(ServerSocket gate) {
        return "GET /waiting?" + gate.getLocalPort() + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    static ServerSocket gate() throws IOException {
        ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        gate.setSoTimeout((int) Await.DEADLINE.toMillis());
        return gate;
    }
}
