package org.handoff.worker.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parts of a representation that a request asks for (RFC 9110, section 14). */
final class ByteRanges {

    /** More ranges than a client has a use for cost more than the whole. */
    private static final int MOST = 100;

    private static final String UNIT = "bytes=";

    /** @param to the offset after the last byte */
    record Range(long from, long to) {

        long length() {
            return to - from;
        }

        /** As the field Content-Range has it. */
        String of(long length) {
            return "bytes " + from + '-' + (to - 1) + '/' + length;
        }
    }

    private ByteRanges() {}

    /**
     * The ranges of a field that can be satisfied, in its order; none of them is empty.
     *
     * @param length of the representation
     * @return empty if the field is to be ignored, as it is malformed, has another unit, or asks for more than the whole
     */
    static Optional<List<Range>> parse(String field, long length) {
        if (!field.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return Optional.empty();
        }
        List<Range> ranges = new ArrayList<>();
        long total = 0;
        String[] specs = field.substring(UNIT.length()).split(",", -1);
        for (String spec : specs) {
            String text = spec.strip();
            int dash = text.indexOf('-');
            if (!text.matches("\\d*-\\d*") || text.length() == 1) {
                return Optional.empty();
            }
            Range range = dash == 0
                    ? new Range(Math.max(0, length - number(text.substring(1))), length)
                    : range(number(text.substring(0, dash)), text.substring(dash + 1), length);
            if (range == null) {
                return Optional.empty();
            }
            if (range.length() > 0) {
                ranges.add(range);
                total += range.length();
            }
            if (total > length || ranges.size() > MOST) {
                return Optional.empty();
            }
        }
        return Optional.of(ranges);
    }

    /** @return empty if it begins behind the end; null if it ends before it begins */
    private static Range range(long from, String last, long length) {
        long end = last.isEmpty() ? Long.MAX_VALUE : number(last);
        if (end < from) {
            return null;
        }
        return from >= length ? new Range(0, 0) : new Range(from, Math.min(end, length - 1) + 1);
    }

    /** As large as possible for more digits than a number has. */
    private static long number(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
    }
}
