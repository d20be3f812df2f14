package org.handoff.itests.handlers.inworkers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.osgi.framework.FrameworkUtil;

/** The file that a bundle's header names: who runs in which process. */
public final class Notes {

    /** The header. */
    public static final String FILE = "Notes";

    private Notes() {}

    /** Adds the line that the class runs in this process. */
    static void add(Class<?> type) throws IOException {
        Files.writeString(
                Path.of(FrameworkUtil.getBundle(type).getHeaders().get(FILE)),
                line(type, ProcessHandle.current().pid()) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** The line that a class runs in a process. */
    public static String line(Class<?> type, long pid) {
        return type.getSimpleName() + " " + pid;
    }
}
