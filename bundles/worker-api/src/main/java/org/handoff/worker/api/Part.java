package org.handoff.worker.api;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One part of a form that was posted as {@code multipart/form-data}: a field, or a file.
 *
 * <pre>{@code
 * Part photo = request.parts().stream().filter(part -> part.name().equals("photo")).findFirst().orElseThrow();
 * Files.copy(photo.content(), target);
 * }</pre>
 */
@ProviderType
public interface Part {

    /** The name of the form's field. */
    String name();

    /** The name of the file as the client says it: never a path to use; empty for a part that is no file. */
    Optional<String> fileName();

    /** The media type as the client says it; empty if it says none. */
    Optional<MediaType> contentType();

    /** The number of its bytes. */
    long length();

    /** The content, from its first byte; a new stream at each call, which the caller closes. */
    InputStream content() throws IOException;

    /**
     * The content as text, in the charset of its type, by default UTF-8.
     *
     * @throws HttpException with 413 if it has more than {@value Request#TEXT_LIMIT} bytes
     */
    default String text() throws IOException {
        if (length() > Request.TEXT_LIMIT) {
            throw new HttpException(413, "a text of more than " + Request.TEXT_LIMIT + " bytes");
        }
        try (InputStream content = content()) {
            return new String(
                    content.readAllBytes(),
                    contentType().flatMap(MediaType::charset).orElse(StandardCharsets.UTF_8));
        }
    }
}
