package org.handoff.worker.pool.internal.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The folder that a pool of Java workers serves, besides handlers. It counts as code: another folder is another handler.
 *
 * @param folder an absolute path
 * @param contexts its contexts, by host, which is empty for any
 */
public record FilesSettings(Path folder, Map<String, List<String>> contexts) {

    /**
     * The settings; null for a pool without files.
     *
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    static FilesSettings of(String pool, PoolKind kind, PoolConfig config) {
        if (config.files().isBlank()) {
            return null;
        }
        if (kind != PoolKind.JAVA) {
            throw new IllegalArgumentException(
                    "files = " + config.files() + ": only for pools of the kind java; leave it out");
        }
        Path folder = PoolValues.path("files", config.files());
        if (!folder.isAbsolute() || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("files = " + folder
                    + ": there is no such folder; write the absolute path of one, like files = /srv/www");
        }
        return new FilesSettings(folder, NativeSettings.contexts(pool, config.context()));
    }
}
