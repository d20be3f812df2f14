package org.handoff.lrwp.agent.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** {@code lrwp:on}. */
@Service
@Command(scope = "lrwp", name = "on", description = "Puts contexts of LRWP peers back into service")
public class OnCommand extends ContextAction {

    /** The command. */
    public OnCommand() {
        super(false);
    }
}
