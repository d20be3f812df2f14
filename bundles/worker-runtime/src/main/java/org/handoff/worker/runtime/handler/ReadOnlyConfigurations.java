package org.handoff.worker.runtime.handler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;

import org.apache.felix.cm.PersistenceManager;
import org.handoff.worker.protocol.generation.ConfigurationFile;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * The configurations that the pool gave a worker, as Felix's Configuration Admin reads them. They are Karaf's, and
 * change there only.
 */
final class ReadOnlyConfigurations implements PersistenceManager {

    /** Felix's mark of a configuration that nobody may change. */
    private static final String LOCKED = ":org.apache.felix.configadmin.locked:";
    /** Felix's mark of a configuration that somebody asked for, and that nobody has. */
    private static final String NEW = "_felix_.cm.newConfiguration";
    /** Karaf has decided which bundles get it. */
    private static final String ANY_BUNDLE = "?";

    private final Map<String, Dictionary<String, Object>> configurations = new HashMap<>();

    /** @throws IOException if a file cannot be read */
    ReadOnlyConfigurations(Collection<Path> files) throws IOException {
        for (Path file : files) {
            Dictionary<String, Object> properties = new Hashtable<>(ConfigurationFile.read(file));
            properties.put(ConfigurationAdmin.SERVICE_BUNDLELOCATION, ANY_BUNDLE);
            properties.put(LOCKED, true);
            configurations.put((String) properties.get(Constants.SERVICE_PID), properties);
        }
    }

    @Override
    public boolean exists(String pid) {
        return configurations.containsKey(pid);
    }

    @Override
    public Dictionary<String, Object> load(String pid) throws IOException {
        Dictionary<String, Object> found = configurations.get(pid);
        if (found == null) {
            throw new IOException("There is no configuration " + pid);
        }
        return found;
    }

    @Override
    public Enumeration<Dictionary<String, Object>> getDictionaries() {
        return Collections.enumeration(configurations.values());
    }

    // Raw, as the interface has it.
    @SuppressWarnings("rawtypes")
    @Override
    public void store(String pid, Dictionary properties) throws IOException {
        if (properties.get(NEW) == null) {
            throw refusal(pid);
        }
    }

    @Override
    public void delete(String pid) throws IOException {
        throw refusal(pid);
    }

    private static IOException refusal(String pid) {
        return new IOException("Configurations are read-only in workers: change " + pid + " in Karaf");
    }
}
