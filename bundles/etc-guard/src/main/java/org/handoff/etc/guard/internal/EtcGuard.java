package org.handoff.etc.guard.internal;

import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * Keeps File Install from saving configurations into their files until Karaf has reached its start level. While Karaf
 * starts, File Install makes configurations of all files in etc/, takes each for a change, and would write the file anew
 * just when it looks at the folder again: under load it found the file empty, and deleted its keys for good.
 *
 * <p>Starts before File Install, which asks for the property at each change. Where {@code etc/config.properties} has the
 * property, that decides; our distribution's has it not.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class EtcGuard implements BundleActivator, FrameworkListener {

    private static final String SAVES = "felix.fileinstall.enableConfigSave";

    @Override
    public void start(BundleContext context) {
        int reached = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkStartLevel.class)
                .getStartLevel();
        if (reached <= context.getBundle().adapt(BundleStartLevel.class).getStartLevel()) {
            System.setProperty(SAVES, "false");
            context.addFrameworkListener(this);
        }
    }

    /** Only a start level that is reached is reported, not those on the way to it. */
    @Override
    public void frameworkEvent(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
            System.setProperty(SAVES, "true");
        }
    }

    @Override
    public void stop(BundleContext context) {
        System.setProperty(SAVES, "true");
    }
}
