package org.handoff.worker.api.testing;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Optional;

import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Part;

/** A part of a form. @param file the name of its file, or null @param type its media type, or null */
record TestPart(String name, String file, MediaType type, byte[] bytes) implements Part {

    @Override
    public Optional<String> fileName() {
        return Optional.ofNullable(file);
    }

    @Override
    public Optional<MediaType> contentType() {
        return Optional.ofNullable(type);
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public InputStream content() {
        return new ByteArrayInputStream(bytes);
    }
}
