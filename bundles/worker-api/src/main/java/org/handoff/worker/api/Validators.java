package org.handoff.worker.api;

import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What tells the present state of a resource from others: its entity tag and the time of its last change (RFC 9110,
 * section 8.8). With them a handler evaluates the conditions of a request (section 13), before it makes the content:
 *
 * <pre>{@code
 * Validators current = Validators.of("\"" + page.version() + "\"", page.changed());
 * switch (current.evaluate(request)) {
 *     case NOT_MODIFIED -> response.validators(current).status(304);
 *     case FAILED -> response.status(412);
 *     case PROCEED -> response.validators(current).send(page.render());
 * }
 * }</pre>
 *
 * @param entityTag with its quotes, and {@code W/} where it is a weak one; null for none
 * @param lastModified in whole seconds, and not in the future; null for none
 */
public record Validators(String entityTag, Instant lastModified) {

    /** The result of a request's conditions. */
    public enum Outcome {
        /** All are true, or there are none: the method is to be performed. */
        PROCEED,
        /** The client has this state already: the answer is 304. */
        NOT_MODIFIED,
        /** The client wants another state: the answer is 412. */
        FAILED
    }

    /** @throws IllegalArgumentException if the tag is none */
    public Validators {
        if (entityTag != null && !isTag(entityTag)) {
            throw new IllegalArgumentException(entityTag + " is not an entity tag: write \"…\" or W/\"…\"");
        }
        if (lastModified != null) {
            Instant now = Instant.now();
            lastModified = (lastModified.isAfter(now) ? now : lastModified).truncatedTo(ChronoUnit.SECONDS);
        }
    }

    private static boolean isTag(String text) {
        FieldReader reader = new FieldReader(text);
        return reader.entityTag() != null && reader.isAtEnd() && text.chars().allMatch(c -> c > ' ' && c != 127);
    }

    /** The validators of a resource. @param lastModified maybe null */
    public static Validators of(String entityTag, Instant lastModified) {
        return new Validators(entityTag, lastModified);
    }

    /** The validators of a file: a strong entity tag of its size and the time of its last change. */
    public static Validators of(BasicFileAttributes file) {
        String tag = Long.toHexString(file.lastModifiedTime().to(TimeUnit.NANOSECONDS))
                + '-'
                + Long.toHexString(file.size());
        return new Validators('"' + tag + '"', file.lastModifiedTime().toInstant());
    }

    /**
     * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of RFC 9110, section
     * 13.2.2. A date that cannot be read is as good as none.
     */
    public Outcome evaluate(Request request) {
        Headers headers = request.headers();
        List<String> match = headers.all("If-Match");
        if (!match.isEmpty()) {
            if (!isListed(match, true)) {
                return Outcome.FAILED;
            }
        } else if (date(headers, "If-Unmodified-Since")
                .filter(this::isNewerThan)
                .isPresent()) {
            return Outcome.FAILED;
        }
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        List<String> noneMatch = headers.all("If-None-Match");
        if (!noneMatch.isEmpty()) {
            return !isListed(noneMatch, false) ? Outcome.PROCEED : reads ? Outcome.NOT_MODIFIED : Outcome.FAILED;
        }
        boolean same = reads
                && lastModified != null
                && date(headers, "If-Modified-Since")
                        .filter(date -> !isNewerThan(date))
                        .isPresent();
        return same ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
    }

    /** Whether a range is of use to the client: the condition If-Range is true, or absent (section 13.1.5). */
    boolean allowRange(Request request) {
        Optional<String> condition = request.headers().first("If-Range").map(String::strip);
        if (condition.isEmpty()) {
            return true;
        }
        if (isTag(condition.get())) {
            return entityTag != null && !isWeak(entityTag) && entityTag.equals(condition.get());
        }
        return HttpDate.parse(condition.get())
                .filter(date -> date.equals(lastModified))
                .isPresent();
    }

    private static Optional<Instant> date(Headers headers, String name) {
        return headers.first(name).map(String::strip).flatMap(HttpDate::parse);
    }

    private boolean isNewerThan(Instant date) {
        return lastModified != null && lastModified.isAfter(date);
    }

    private boolean isListed(List<String> fields, boolean strong) {
        if (fields.size() == 1 && fields.get(0).strip().equals("*")) {
            return true;
        }
        if (entityTag == null || strong && isWeak(entityTag)) {
            return false;
        }
        FieldReader reader = new FieldReader(String.join(",", fields));
        do {
            String listed = reader.entityTag();
            if (listed != null
                    && (strong ? listed.equals(entityTag) : opaque(listed).equals(opaque(entityTag)))) {
                return true;
            }
        } while (reader.nextElement());
        return false;
    }

    private static boolean isWeak(String tag) {
        return tag.startsWith("W/");
    }

    private static String opaque(String tag) {
        return isWeak(tag) ? tag.substring(2) : tag;
    }
}
