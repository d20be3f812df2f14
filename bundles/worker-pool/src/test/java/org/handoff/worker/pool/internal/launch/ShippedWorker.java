package org.handoff.worker.pool.internal.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.RunAs;
import org.handoff.worker.pool.internal.config.SessionSettings;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.protocol.Dispatch;

/** Java workers in the jar that is shipped, with the least that they need. */
public final class ShippedWorker {

    private ShippedWorker() {}

    /** The path of the jar. @param classPath of the tests, which has it */
    public static String jar(String classPath) {
        return Stream.of(classPath.split(":"))
                .filter(path -> path.contains("/worker-runtime"))
                .findFirst()
                .orElseThrow();
    }

    /** What such a worker runs in a test, as the java command's options. */
    public static List<String> program() {
        return List.of("-jar", jar(System.getProperty("surefire.test.class.path")));
    }

    public static WorkerSettings settings(Dispatch dispatch) {
        return new WorkerSettings(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                List.of(),
                "64m",
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                RunAs.KARAF,
                List.of(),
                dispatch,
                SessionSettings.MEMORY);
    }
}
