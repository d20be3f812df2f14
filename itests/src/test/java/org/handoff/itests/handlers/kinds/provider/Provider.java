package org.handoff.itests.handlers.kinds.provider;

import org.handoff.itests.handlers.library.Words;

/** A provider for a {@link java.util.ServiceLoader}. */
public class Provider implements Words {

    @Override
    public String greeting() {
        return "provided";
    }
}
