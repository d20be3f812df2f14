package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.protocol.Inspect;

/** {@code worker:services}. */
@Service
@Command(
        scope = "worker",
        name = "services",
        description = "Shows the services in a Java worker, and the bundles that use them")
public class ServicesCommand extends InspectAction {

    /** The command. */
    public ServicesCommand() {
        super(Inspect.Subject.SERVICES, "Types", "Bundle", "Used by");
    }
}
