package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.protocol.Inspect;

/** {@code worker:bundles}. */
@Service
@Command(
        scope = "worker",
        name = "bundles",
        description = "Shows the bundles in a Java worker, and why one does not run")
public class BundlesCommand extends InspectAction {

    /** The command. */
    public BundlesCommand() {
        super(Inspect.Subject.BUNDLES, "Number", "State", "Bundle", "Version", "Problem");
    }
}
