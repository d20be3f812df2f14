package org.handoff.itests.handlers.slow;

import java.util.concurrent.TimeUnit;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Takes longer to start its bundle than the tests' contexts are served that nobody wants. */
public class Activator implements BundleActivator {

    private static final long SECONDS = 3;

    @Override
    public void start(BundleContext context) throws InterruptedException {
        TimeUnit.SECONDS.sleep(SECONDS);
    }

    @Override
    public void stop(BundleContext context) {
        // Nothing was begun.
    }
}
