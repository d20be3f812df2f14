package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.handoff.worker.protocol.generation.ConfigurationFile;

/**
 * Copies of configurations as files for workers: equal content is in one file. Configurations have secrets, so no other
 * user reads a file, or lists the names. Names are digests with a key, because the digest of a short secret gives it away.
 */
public final class ConfigurationStore {

    private static final String DIGEST = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final Path folder;
    private final Mac digest;

    /** @param folder of its own; files from former lives are deleted */
    public ConfigurationStore(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        // Workers of another user reach their files by name.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        keepOnly(Set.of());
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        try {
            digest = Mac.getInstance(DIGEST);
            digest.init(new SecretKeySpec(key, DIGEST));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + DIGEST, e);
        }
    }

    /**
     * A configuration as a file.
     *
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if a value has a type that Configuration Admin does not have
     */
    Path file(Map<String, ?> properties) throws IOException {
        byte[] content = ConfigurationFile.bytes(properties);
        Path file = folder.resolve(HexFormat.of().formatHex(digest.doFinal(content)));
        if (!Files.exists(file)) {
            // Readable for its owner alone, from the beginning.
            Path part = Files.createTempFile(folder, "configuration", ".part");
            try {
                Files.write(part, content);
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
}
