package org.handoff.worker.pool.internal.deploy;

import java.util.Map;

import org.handoff.worker.pool.internal.description.BundleDescription;
import org.osgi.framework.Bundle;

/** Something for workers that a bundle in Karaf declares, whether or not the bundle runs. */
public interface Declaration<D extends Declaration<D>> {

    Bundle bundle();

    /** The name of its Declarative Services component, or null. */
    String component();

    /** The same, with other missing requirements in Karaf. */
    D waitingFor(String what);

    /** Whether both stand for the same, one by a file and one by a service. */
    boolean isLike(D other);

    /** What {@link Deployed} looks for. */
    interface Kind<D extends Declaration<D>> {

        /** The filter of its services; of those of a component that the bundle's description has, nobody asks. */
        String filter();

        /** What the bundle's files say of it. */
        BundleDescription described(Bundle bundle);

        /**
         * Reads a declaration.
         *
         * @param component the name of its component, or null
         * @param waiting the missing requirements in Karaf; empty for none
         * @throws IllegalArgumentException if it is not a valid one
         */
        D declaration(Bundle bundle, String component, Map<String, Object> properties, String waiting);

        /**
         * Reads the declaration of a component that has to have a configuration, and has none.
         *
         * @param waiting says so
         * @throws IllegalArgumentException if it is not a valid one
         */
        default D unconfigured(Bundle bundle, String component, Map<String, Object> properties, String waiting) {
            return declaration(bundle, component, properties, waiting);
        }
    }
}
