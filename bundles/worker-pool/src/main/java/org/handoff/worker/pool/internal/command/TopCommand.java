package org.handoff.worker.pool.internal.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Session;
import org.handoff.worker.pool.internal.PoolComponent;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;

/** {@code worker:top}. */
@Service
@Command(
        scope = "worker",
        name = "top",
        description = "Shows the workers and what they do, refreshed each second until q is pressed; once in a script")
public class TopCommand implements Action {

    private static final long REFRESH_MILLIS = 1000;
    private static final String HOME_AND_CLEAR = "\033[H\033[2J";
    private static final int CONTROL_C = 3;

    @Reference
    Session session;

    @Reference
    List<PoolComponent> pools;

    private final Map<String, Long> requestsBefore = new HashMap<>();
    private long lookedBefore;

    @Override
    public Object execute() throws IOException {
        if (session.getTerminal() instanceof Terminal terminal) {
            live(terminal);
        } else {
            print(System.out);
        }
        return null;
    }

    /** Keys come one by one and unseen, for as long as this runs. */
    private void live(Terminal terminal) throws IOException {
        Attributes before = terminal.enterRawMode();
        try {
            int key;
            do {
                terminal.writer().print(HOME_AND_CLEAR + view().replace("\n", "\r\n"));
                terminal.writer().flush();
                key = terminal.reader().read(REFRESH_MILLIS);
            } while (key == NonBlockingReader.READ_EXPIRED || key > 0 && key != 'q' && key != 'Q' && key != CONTROL_C);
        } finally {
            terminal.setAttributes(before);
        }
    }

    private String view() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8) + "q leaves\n";
    }

    private void print(PrintStream out) {
        long now = System.nanoTime();
        for (PoolComponent pool : pools) {
            PoolComponent.PoolStatus status = pool.status();
            long more = 0;
            for (PoolComponent.WorkerStatus worker : status.workers()) {
                Long before = requestsBefore.put(worker.id(), worker.requests());
                more += before == null ? 0 : worker.requests() - before;
            }
            long rate = lookedBefore == 0 ? 0 : Math.round(more * 1e9 / (now - lookedBefore));
            out.println("Pool " + status.name() + ": " + status.workers().size() + " workers of " + status.wanted()
                    + ", " + status.waiting() + " connections waiting"
                    + (lookedBefore == 0 ? "" : ", " + rate + " requests a second"));
        }
        lookedBefore = now;
        WorkerTable.print(pools, out);
    }
}
