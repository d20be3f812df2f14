package org.handoff.worker.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The header fields of a request. A name's letter case does not matter (RFC 9110, section 5.1); a field sent several
 * times has several values, in the order they came in.
 *
 * <pre>{@code
 * String agent = request.headers().first("User-Agent").orElse("unknown");
 * }</pre>
 */
@ProviderType
public interface Headers {

    /** The first value of a field, or empty if the field was not sent. */
    Optional<String> first(String name);

    /** All values of a field, in order; empty if the field was not sent. Not modifiable. */
    List<String> all(String name);

    /** The names of all fields, each once, spelt as it was first sent, in the order they came in. Not modifiable. */
    Set<String> names();
}
