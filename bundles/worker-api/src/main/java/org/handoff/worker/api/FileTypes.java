package org.handoff.worker.api;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The media types of files by the ends of their names. */
final class FileTypes {

    private static final MediaType UNKNOWN = MediaType.of("application/octet-stream");
    private static final Map<String, MediaType> TYPES = new HashMap<>();

    static {
        put("text/html; charset=utf-8", "html", "htm");
        put("text/css; charset=utf-8", "css");
        put("text/javascript; charset=utf-8", "js", "mjs");
        put("text/plain; charset=utf-8", "txt", "log", "conf");
        put("text/csv; charset=utf-8", "csv");
        put("text/markdown; charset=utf-8", "md");
        put("text/calendar; charset=utf-8", "ics");
        put("text/vcard; charset=utf-8", "vcf");
        put("text/vtt; charset=utf-8", "vtt");
        put("application/json", "json", "map");
        put("application/ld+json", "jsonld");
        put("application/manifest+json", "webmanifest");
        put("application/xml", "xml", "xsl", "xsd");
        put("application/xhtml+xml", "xhtml");
        put("application/atom+xml", "atom");
        put("application/rss+xml", "rss");
        put("application/yaml", "yaml", "yml");
        put("application/pdf", "pdf");
        put("application/rtf", "rtf");
        put("application/epub+zip", "epub");
        put("application/wasm", "wasm");
        put("application/zip", "zip");
        put("application/gzip", "gz", "tgz");
        put("application/zstd", "zst");
        put("application/x-bzip2", "bz2");
        put("application/x-xz", "xz");
        put("application/x-7z-compressed", "7z");
        put("application/x-tar", "tar");
        put("application/java-archive", "jar", "war");
        put("application/msword", "doc");
        put("application/vnd.ms-excel", "xls");
        put("application/vnd.ms-powerpoint", "ppt");
        put("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx");
        put("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx");
        put("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx");
        put("application/vnd.oasis.opendocument.text", "odt");
        put("application/vnd.oasis.opendocument.spreadsheet", "ods");
        put("image/svg+xml", "svg");
        put("image/png", "png");
        put("image/jpeg", "jpg", "jpeg");
        put("image/gif", "gif");
        put("image/webp", "webp");
        put("image/avif", "avif");
        put("image/bmp", "bmp");
        put("image/tiff", "tif", "tiff");
        put("image/vnd.microsoft.icon", "ico");
        put("font/woff", "woff");
        put("font/woff2", "woff2");
        put("font/ttf", "ttf");
        put("font/otf", "otf");
        put("audio/mpeg", "mp3");
        put("audio/ogg", "ogg", "oga", "opus");
        put("audio/wav", "wav");
        put("audio/flac", "flac");
        put("audio/mp4", "m4a");
        put("video/mp4", "mp4", "m4v");
        put("video/mpeg", "mpg", "mpeg");
        put("video/webm", "webm");
        put("video/ogg", "ogv");
        put("video/quicktime", "mov");
    }

    private FileTypes() {}

    private static void put(String type, String... endings) {
        for (String ending : endings) {
            TYPES.put(ending, MediaType.of(type));
        }
    }

    static MediaType of(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, UNKNOWN);
    }
}
