package org.handoff.worker.pool.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.handoff.worker.protocol.Inspect;

/** {@code worker:components}. */
@Service
@Command(
        scope = "worker",
        name = "components",
        description =
                "Shows the components of Declarative Services in a Java worker, and what an unsatisfied one lacks")
public class ComponentsCommand extends InspectAction {

    /** The command. */
    public ComponentsCommand() {
        super(Inspect.Subject.COMPONENTS, "Component", "Bundle", "State", "Problem");
    }
}
