package org.handoff.itests.handlers.inworkers;

import java.io.IOException;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** A component that is no handler, and comes after it in the bundle. */
@Component(
        service = {},
        immediate = true)
public class Neighbour {

    /** Notes its process. */
    @Activate
    public Neighbour() throws IOException {
        Notes.add(Neighbour.class);
    }
}
