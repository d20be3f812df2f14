package org.handoff.lrwp.agent.internal.command;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** {@code lrwp:off}. */
@Service
@Command(
        scope = "lrwp",
        name = "off",
        description = "Takes contexts of LRWP peers out of service; the peers stay connected")
public class OffCommand extends ContextAction {

    /** The command. */
    public OffCommand() {
        super(true);
    }
}
