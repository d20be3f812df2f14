package org.handoff.itests.handlers.supplier;

import java.util.function.Supplier;

import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Component;

/** A service that handlers can do without; it says its bundle's version. */
@Component(service = Supplier.class, property = "of=versioned")
public class Words implements Supplier<String> {

    @Override
    public String get() {
        return "words of " + FrameworkUtil.getBundle(Words.class).getVersion();
    }
}
