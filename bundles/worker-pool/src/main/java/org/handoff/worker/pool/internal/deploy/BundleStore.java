package org.handoff.worker.pool.internal.deploy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.handoff.worker.pool.internal.description.ActivatorHeaders;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/**
 * Copies of Karaf's bundles as files for workers. OSGi gives no access to a bundle's own file, which may also have
 * changed or gone since it was installed, so the content is read from the bundle, entry by entry. The copy's activator
 * is the bundle's activator for workers ({@link ActivatorHeaders}), if there is one.
 */
public final class BundleStore {

    private final Path folder;

    /** @param folder of its own; files from former lives are used again */
    public BundleStore(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * A bundle's content as a jar file, as the bundle is now.
     *
     * @throws IOException if it cannot be copied
     */
    Path file(Bundle bundle) throws IOException {
        Path file = folder.resolve(bundle.getBundleId() + "-" + bundle.getLastModified() + ".jar");
        if (!Files.exists(file)) {
            Path part = Files.createTempFile(folder, "bundle", ".part");
            try {
                copy(bundle, part);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
        return file;
    }

    /** Deletes all files but these. */
    public void keepOnly(Set<Path> used) throws IOException {
        StoredFiles.keepOnly(folder, used);
    }

    private static void copy(Bundle bundle, Path file) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            // Workers load classes from it at each start, and disks are large.
            out.setLevel(0);
            // Jar readers look for the manifest first.
            copyManifest(bundle, out);
            copyBelow(bundle, "/", out);
        }
    }

    private static void copyManifest(Bundle bundle, ZipOutputStream out) throws IOException {
        ActivatorHeaders headers = ActivatorHeaders.of(bundle);
        if (headers.activator() == null) {
            copy(bundle, JarFile.MANIFEST_NAME, out);
            return;
        }
        try (InputStream in = open(bundle, JarFile.MANIFEST_NAME)) {
            Manifest manifest = new Manifest(in);
            manifest.getMainAttributes().putValue(Constants.BUNDLE_ACTIVATOR, headers.activator());
            out.putNextEntry(new ZipEntry(JarFile.MANIFEST_NAME));
            manifest.write(out);
            out.closeEntry();
        }
    }

    private static void copyBelow(Bundle bundle, String folder, ZipOutputStream out) throws IOException {
        Enumeration<String> paths = bundle.getEntryPaths(folder);
        while (paths != null && paths.hasMoreElements()) {
            String path = paths.nextElement();
            if (path.endsWith("/")) {
                copyBelow(bundle, path, out);
            } else if (!path.equals(JarFile.MANIFEST_NAME)) {
                copy(bundle, path, out);
            }
        }
    }

    private static void copy(Bundle bundle, String path, ZipOutputStream out) throws IOException {
        out.putNextEntry(new ZipEntry(path));
        try (InputStream in = open(bundle, path)) {
            in.transferTo(out);
        }
        out.closeEntry();
    }

    private static InputStream open(Bundle bundle, String path) throws IOException {
        URL entry = bundle.getEntry(path);
        if (entry == null) {
            throw new IOException("bundle " + bundle + " has no " + path);
        }
        return entry.openStream();
    }
}
