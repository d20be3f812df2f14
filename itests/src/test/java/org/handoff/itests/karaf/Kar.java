package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds a Karaf archive, as karaf-maven-plugin does: a repository with a feature and its bundle. */
public final class Kar {

    private static final String GROUP = "org.handoff.itests";

    private Kar() {}

    /** An archive with one bundle; its path. */
    public static Path build(String symbolicName, String version, Path bundle) throws IOException {
        Path kar = Karaf.FOLDER.resolve(symbolicName + ".kar");
        String features = "<features xmlns=\"http://karaf.apache.org/xmlns/features/v1.6.0\" name=\"" + symbolicName
                + "-" + version + "\"><feature name=\"" + symbolicName + "\" version=\"" + version + "\"><bundle>mvn:"
                + GROUP + "/" + symbolicName + "/" + version + "</bundle></feature></features>";
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(kar))) {
            put(zip, symbolicName, version, ".jar", Files.readAllBytes(bundle));
            put(zip, symbolicName, version, "-features.xml", features.getBytes(StandardCharsets.UTF_8));
        }
        return kar;
    }

    private static void put(ZipOutputStream zip, String name, String version, String end, byte[] content)
            throws IOException {
        zip.putNextEntry(new ZipEntry("repository/" + GROUP.replace('.', '/') + "/" + name + "/" + version + "/" + name
                + "-" + version + end));
        zip.write(content);
        zip.closeEntry();
    }
}
