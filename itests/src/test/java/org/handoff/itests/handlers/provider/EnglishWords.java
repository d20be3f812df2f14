package org.handoff.itests.handlers.provider;

import org.handoff.itests.handlers.library.Words;
import org.osgi.service.component.annotations.Component;

/** Provides the words; no package of its bundle is imported by anybody. */
@Component
public class EnglishWords implements Words {

    @Override
    public String greeting() {
        return "Good day";
    }
}
