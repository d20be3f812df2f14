package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which components have configurations, at one moment.
 *
 * @param pids the PIDs of all configurations, without what targets them at a bundle; null where they are not known
 */
record Configured(Set<String> pids) {

    private static final Logger LOG = LoggerFactory.getLogger(Configured.class);

    static Configured now(ConfigurationAdmin configurations) {
        try {
            Set<String> pids = new HashSet<>();
            Configuration[] all = configurations.listConfigurations(null);
            for (Configuration one : all == null ? new Configuration[0] : all) {
                String pid = one.getFactoryPid() == null ? one.getPid() : one.getFactoryPid();
                pids.add(pid);
                pids.add(pid.split("\\|", 2)[0]);
            }
            return new Configured(pids);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("configurations come or go", e);
            return new Configured(null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid one", e);
        }
    }

    /** Whether the component needs a configuration that there is not. */
    boolean isLackedBy(ComponentDescriptionDTO component) {
        return component.configurationPolicy.equals("require")
                && pids != null
                && !pids.containsAll(Arrays.asList(component.configurationPid));
    }

    /** Whether the component has a configuration, or needs one, or that is not known. */
    boolean mayBe(ComponentDescriptionDTO component) {
        return switch (component.configurationPolicy) {
            case "ignore" -> false;
            case "optional" ->
                pids == null || Arrays.stream(component.configurationPid).anyMatch(pids::contains);
            default -> true;
        };
    }
}
