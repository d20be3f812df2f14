package org.handoff.itests.karaf;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Looking into a distribution's archive. */
public final class Archive {

    private Archive() {}

    /** Copies the file whose path ends like that out of an archive. */
    public static Path extract(Path archive, String end, Path copy) throws IOException {
        try (var tar = new TarArchiveInputStream(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.getName().endsWith("/" + end)) {
                    Files.copy(tar, copy, StandardCopyOption.REPLACE_EXISTING);
                    return copy;
                }
            }
        }
        throw new FileNotFoundException(end + " in " + archive);
    }
}
