package org.handoff.worker.runtime.bundles;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.slf4j.LoggerFactory;

/** Says when its bundle starts. */
public class Starting implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        LoggerFactory.getLogger(Starting.class)
                .info("{} starts", context.getBundle().getSymbolicName());
    }

    @Override
    public void stop(BundleContext context) {
        // There is nothing to end.
    }
}
