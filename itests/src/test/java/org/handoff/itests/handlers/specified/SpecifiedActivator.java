package org.handoff.itests.handlers.specified;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers what the sections of the Whiteboard specification (OSGi Compendium 8, chapter 140) are asked with. */
public class SpecifiedActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        Registrar registrar = new Registrar(context);
        ContextServices.register(registrar);
        ServletServices.register(registrar);
        ErrorServices.register(registrar);
        FilterServices.register(registrar);
        ResourceServices.register(registrar);
        ListenerServices.register(registrar);
        Preprocessors.register(context);
        RuntimeServices.register(registrar);
        registrar.context("scenarios");
        registrar.servlet(
                "scenarios", new ScenarioServlet(context), "servlet.pattern", "/*", "servlet.name", "scenarios");
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters it.
    }
}
