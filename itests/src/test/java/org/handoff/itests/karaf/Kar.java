package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds a Karaf archive, as karaf-maven-plugin does: a repository with a feature and its bundles. */
public final class Kar {

    private static final String GROUP = "org.handoff.itests";

    private Kar() {}

    /** An archive with one bundle; its path. */
    public static Path build(String symbolicName, String version, Path bundle) throws IOException {
        return build(symbolicName, version, Map.of(symbolicName, bundle));
    }

    /** An archive with bundles by their symbolic names; its path. */
    public static Path build(String feature, String version, Map<String, Path> bundles) throws IOException {
        Path kar = Karaf.FOLDER.resolve(feature + ".kar");
        StringBuilder features = new StringBuilder("<features xmlns=\"http://karaf.apache.org/xmlns/features/v1.6.0\""
                + " name=\"" + feature + "-" + version + "\"><feature name=\"" + feature + "\" version=\"" + version
                + "\">");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(kar))) {
            for (Map.Entry<String, Path> bundle : bundles.entrySet()) {
                put(zip, bundle.getKey(), version, ".jar", Files.readAllBytes(bundle.getValue()));
                features.append("<bundle>mvn:" + GROUP + "/" + bundle.getKey() + "/" + version + "</bundle>");
            }
            features.append("</feature></features>");
            put(zip, feature, version, "-features.xml", features.toString().getBytes(StandardCharsets.UTF_8));
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
