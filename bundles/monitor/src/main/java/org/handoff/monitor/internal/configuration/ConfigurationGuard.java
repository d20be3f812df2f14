package org.handoff.monitor.internal.configuration;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.SynchronousConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guard of our configurations against files that are read while somebody writes them. File Install takes a file of
 * etc/ that is empty, or half there, at the moment of one look, gives the configuration what it has found, and then
 * writes the configuration back: the other keys are gone from the file too. File Install itself writes files so, after
 * each change of a configuration.
 *
 * <p>File Install's thread calls the guard within the update, before any component and the writing back hear of it. If
 * keys are missing, the configuration gets its former properties again at once, without the name of its file: so File
 * Install neither writes into a file that another program is writing, nor finds the configuration equal to any file.
 * When the file stays as it is, File Install reads it again. Keys that are then still missing were removed on purpose.
 */
@Component(service = SynchronousConfigurationListener.class, immediate = true)
public final class ConfigurationGuard implements SynchronousConfigurationListener {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationGuard.class);

    private static final String PREFIX = "org.handoff.";
    /** The beginning of the names of File Install's threads; other threads remove keys on purpose. */
    private static final String FILE_INSTALL = "fileinstall-";
    /** The installers of configurations: File Install's own, and Karaf's of JSON; Karaf has others, of other files. */
    private static final String CONFIGURATION_INSTALLER =
            "(" + Constants.OBJECTCLASS + "=" + ConfigurationListener.class.getName() + ")";
    /** The configuration's file, as a URI; File Install writes to it what others change. */
    private static final String FILE = "felix.fileinstall.filename";
    /** The same in a configuration that File Install is not to write. The dot keeps it from services' properties. */
    static final String HELD_FILE = ".handoff.file";

    private final ConfigurationAdmin configurations;
    private final FileReader reader;
    private final Settling settling;
    /** By PID, as before the update that is being looked at. */
    private final Map<String, Dictionary<String, Object>> former = new ConcurrentHashMap<>();
    /** Whether this thread's update is the guard's own. */
    private final ThreadLocal<Boolean> own = ThreadLocal.withInitial(() -> false);

    /** Has a file read into its configuration. */
    interface FileReader {
        void read(File file) throws Exception;
    }

    /** As {@link WrittenFile#settle}. */
    interface Settling {
        WrittenFile.State settle(Path file) throws IOException;
    }

    /** Takes the present configurations as former ones. */
    @Activate
    public ConfigurationGuard(BundleContext context, @Reference ConfigurationAdmin configurations) throws IOException {
        this(configurations, file -> readByFileInstall(context, file), WrittenFile::settle);
    }

    ConfigurationGuard(ConfigurationAdmin configurations, FileReader reader, Settling settling) throws IOException {
        this.configurations = configurations;
        this.reader = reader;
        this.settling = settling;
        for (Configuration configuration : list(PREFIX + "*")) {
            former.put(configuration.getPid(), configuration.getProperties());
        }
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        String pid = event.getPid();
        if (!pid.startsWith(PREFIX) || own.get()) {
            return;
        }
        try {
            switch (event.getType()) {
                case ConfigurationEvent.CM_DELETED -> former.remove(pid);
                case ConfigurationEvent.CM_UPDATED -> {
                    for (Configuration configuration : list(pid)) {
                        updated(configuration);
                    }
                }
                default -> {
                    // Its location, which says nothing about its keys.
                }
            }
        } catch (IOException | IllegalStateException e) {
            LOG.warn("Cannot find out whether the file of the configuration {} was read whole", pid, e);
        }
    }

    private void updated(Configuration configuration) throws IOException {
        String pid = configuration.getPid();
        Dictionary<String, Object> now = configuration.getProperties();
        if (now.get(HELD_FILE) != null) {
            // A command's change: it is to come into the file, as always.
            now.put(FILE, now.remove(HELD_FILE));
            update(configuration, now);
            former.put(pid, now);
            return;
        }
        Dictionary<String, Object> before = former.get(pid);
        SortedSet<String> missing = missing(before, now);
        if (missing.isEmpty() || !Thread.currentThread().getName().startsWith(FILE_INSTALL)) {
            former.put(pid, now);
            return;
        }
        String name = (String) now.get(FILE);
        Path file = name == null ? null : Path.of(URI.create(name));
        if (file == null || !pid.equals(pid(file))) {
            // File Install knows the configuration by the name of its file only.
            former.put(pid, now);
            return;
        }
        boolean torn = WrittenFile.contradicts(file, missing);
        before.remove(FILE);
        before.put(HELD_FILE, name);
        update(configuration, before);
        readAgain(configuration, file, missing, torn);
    }

    private void readAgain(Configuration configuration, Path file, SortedSet<String> missing, boolean torn)
            throws IOException {
        Dictionary<String, Object> held = configuration.getProperties();
        WrittenFile.State state = settling.settle(file);
        if (held.get(HELD_FILE) == null || configuration.getProperties().get(HELD_FILE) == null) {
            // A command has changed it meanwhile, and the file is written.
            return;
        }
        switch (state) {
            case WHOLE -> {
                read(file);
                Dictionary<String, Object> now = configuration.getProperties();
                boolean still = missing.stream().allMatch(key -> now.get(key) == null);
                if (still && torn) {
                    // File Install has written what it had read too early.
                    held.put(FILE, held.remove(HELD_FILE));
                    update(configuration, held);
                }
                former.put(configuration.getPid(), configuration.getProperties());
                if (!still || torn) {
                    LOG.warn(
                            "{} was read without {} while it was being written; {}",
                            file,
                            String.join(", ", missing),
                            still ? "these keys have their former values again" : "it has been read again");
                }
            }
            case UNFINISHED ->
                LOG.warn(
                        "{} is empty, or has been changing for {} s: its former settings stay in effect until it is"
                                + " written; for the default settings, write a comment line into it",
                        file,
                        WrittenFile.MOST_SECONDS);
            case GONE -> LOG.debug("{} is gone, and so will be its configuration", file);
        }
    }

    private void read(Path file) throws IOException {
        own.set(true);
        try {
            reader.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            own.remove();
        }
    }

    private static void readByFileInstall(BundleContext context, File file) throws Exception {
        for (ServiceReference<ArtifactInstaller> reference :
                context.getServiceReferences(ArtifactInstaller.class, CONFIGURATION_INSTALLER)) {
            ArtifactInstaller installer = context.getService(reference);
            try {
                if (installer != null && installer.canHandle(file)) {
                    installer.update(file);
                }
            } finally {
                context.ungetService(reference);
            }
        }
    }

    private void update(Configuration configuration, Dictionary<String, Object> properties) throws IOException {
        own.set(true);
        try {
            configuration.update(properties);
        } finally {
            own.remove();
        }
    }

    private Configuration[] list(String pid) throws IOException {
        try {
            Configuration[] found = configurations.listConfigurations("(" + Constants.SERVICE_PID + "=" + pid + ")");
            return found == null ? new Configuration[0] : found;
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException("the PID " + pid, e);
        }
    }

    /** The keys that were there, and are not any more. */
    private static SortedSet<String> missing(Dictionary<String, Object> before, Dictionary<String, Object> now) {
        SortedSet<String> missing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        if (before != null) {
            missing.addAll(Collections.list(before.keys()));
            missing.remove(HELD_FILE);
            Collections.list(now.keys()).forEach(missing::remove);
        }
        return missing;
    }

    /** The PID by which File Install knows the configuration of a file. */
    private static String pid(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.')).replaceFirst("-", "~");
    }
}
