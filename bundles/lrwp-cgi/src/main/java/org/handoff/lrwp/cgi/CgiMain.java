package org.handoff.lrwp.cgi;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The wrapper's main program: {@code CgiMain DIRECTORY CONNECTIONS SECONDS}, with the agent's host, its port and the
 * name to register in {@code HANDOFF_LRWP_HOST}, {@code HANDOFF_LRWP_PORT} and {@code HANDOFF_LRWP_NAME}. The rest of
 * its environment is that of the CGI programs too. It runs until it is killed, and exits with status 1 when it cannot
 * connect to the agent.
 */
public final class CgiMain {

    private static final String OWN = "HANDOFF_";
    private static final int LAST_WITH_VFORK = 26;

    private CgiMain() {}

    /** Connects and serves. */
    public static void main(String[] arguments) throws IOException {
        if (Runtime.version().feature() <= LAST_WITH_VFORK) {
            startByVfork();
        }
        Map<String, String> environment = System.getenv();
        ProgramDirectory directory = new ProgramDirectory(Path.of(arguments[0]));
        int connections = Integer.parseInt(arguments[1]);
        Duration total = Duration.ofSeconds(Integer.parseInt(arguments[2]));
        // A second less than the agent waits: an answer that comes too late is none.
        Duration silent =
                Duration.ofSeconds(Math.max(1, Integer.parseInt(environment.get("HANDOFF_LRWP_TIMEOUT")) - 1));
        CgiRequests requests = new CgiRequests(directory, forPrograms(environment), total, silent);
        List<AgentConnection> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(new AgentConnection(
                    environment.get("HANDOFF_LRWP_HOST"),
                    Integer.parseInt(environment.get("HANDOFF_LRWP_PORT")),
                    environment.get("HANDOFF_LRWP_NAME"),
                    requests));
        }
        all.forEach(AgentConnection::start);
    }

    /**
     * Has the JDK start each program by one exec, as posix_spawn of the C library does it; the JDK's own way to use that
     * starts a program which starts the program.
     */
    private static void startByVfork() {
        System.setProperty("jdk.lang.Process.launchMechanism", "VFORK");
        PrintStream errors = System.err;
        // JDK 25 and 26 warn once, where they read the property, that a later JDK will not know it. It is not set
        // there.
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        try {
            Class.forName("java.lang.ProcessImpl");
        } catch (ClassNotFoundException e) {
            // Another JDK: its first program reads the property.
        } finally {
            System.setErr(errors);
        }
    }

    private static Map<String, String> forPrograms(Map<String, String> environment) {
        Map<String, String> theirs = new HashMap<>(environment);
        theirs.keySet().removeIf(name -> name.startsWith(OWN));
        return Map.copyOf(theirs);
    }
}
