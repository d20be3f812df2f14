package org.handoff.http.internal.request;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;

import io.netty.buffer.ByteBufInputStream;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpData;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Part;

/** A part of a form, as a handler sees it. */
final class ReceivedPart implements Part {

    private final HttpData data;

    ReceivedPart(HttpData data) {
        this.data = data;
    }

    @Override
    public String name() {
        return data.getName();
    }

    @Override
    public Optional<String> fileName() {
        return data instanceof FileUpload file ? Optional.ofNullable(file.getFilename()) : Optional.empty();
    }

    /**
     * The decoder tells the charset apart from the rest, also where the client said none. Of a field it tells no more
     * than that.
     */
    @Override
    public Optional<MediaType> contentType() {
        Charset charset = data.getCharset();
        String parameter = charset == null || charset.equals(StandardCharsets.UTF_8) ? "" : "; charset=" + charset;
        if (data instanceof FileUpload file) {
            return Optional.ofNullable(file.getContentType()).flatMap(type -> MediaType.parse(type + parameter));
        }
        return parameter.isEmpty() ? Optional.empty() : MediaType.parse("text/plain" + parameter);
    }

    @Override
    public long length() {
        return data.length();
    }

    @Override
    public InputStream content() throws IOException {
        return data.isInMemory()
                ? new ByteBufInputStream(data.getByteBuf().duplicate())
                : Files.newInputStream(data.getFile().toPath());
    }
}
