package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

import org.osgi.framework.Bundle;

/** A program that is carried in this bundle as a jar, unpacked for the class path of a process. */
public final class BundledJar {

    private static final String FOLDER = "META-INF/handoff/";

    private BundledJar() {}

    /**
     * Unpacks a jar, if that was not done before.
     *
     * @param name without its ending
     * @param folder for the jar; made if need be
     * @throws IOException if the jar is not in this bundle, or cannot be written
     */
    public static Path unpack(Bundle bundle, String name, Path folder) throws IOException {
        URL resource = bundle.getEntry(FOLDER + name + ".jar");
        if (resource == null) {
            throw new IOException("bundle " + bundle.getSymbolicName() + " has no " + FOLDER + name + ".jar");
        }
        Files.createDirectories(folder);
        // By the bundle's time: an update of the bundle makes a new file, and running workers keep theirs.
        Path path = folder.resolve(name + "-" + bundle.getLastModified() + ".jar");
        if (!Files.exists(path)) {
            Path part = Files.createTempFile(folder, name, ".part");
            try (InputStream in = resource.openStream()) {
                Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            }
            Rights.letAllRead(part);
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        }
        return path;
    }
}
