package org.handoff.worker.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The media types that a client accepts, and how much it wants each (RFC 9110, section 12.5.1). */
final class Accept {

    private record Wish(MediaType range, double quality) {

        /** How closely the range says what it means. */
        int precision() {
            return (range.type().equals("*") ? 0 : 1)
                    + (range.subtype().equals("*") ? 0 : 1)
                    + range.parameters().size();
        }
    }

    private final List<Wish> wishes = new ArrayList<>();

    /** @param fields the values of all fields of this name; none stands for any type */
    Accept(List<String> fields) {
        FieldReader reader = new FieldReader(String.join(",", fields));
        do {
            String type = reader.token().toLowerCase(Locale.ROOT);
            boolean whole = reader.skip('/');
            String subtype = reader.token().toLowerCase(Locale.ROOT);
            Map<String, String> parameters = reader.parameters();
            if (whole && !type.isEmpty() && !subtype.isEmpty() && parameters != null) {
                add(type, subtype, parameters);
            }
        } while (reader.nextElement());
    }

    private void add(String type, String subtype, Map<String, String> parameters) {
        Map<String, String> its = new LinkedHashMap<>(parameters);
        wishes.add(new Wish(new MediaType(type, subtype, withoutQuality(its)), quality(parameters.get("q"))));
    }

    private static Map<String, String> withoutQuality(Map<String, String> parameters) {
        parameters.remove("q");
        return parameters;
    }

    private static double quality(String text) {
        return text == null ? 1 : text.matches("(0(\\.\\d{0,3})?|1(\\.0{0,3})?)") ? Double.parseDouble(text) : 0;
    }

    /** The type that the client wants most, the first one of several; empty if it accepts none. */
    Optional<MediaType> preferred(MediaType... offered) {
        MediaType best = null;
        double most = 0;
        for (MediaType one : offered) {
            double quality = wishes.isEmpty() ? 1 : qualityOf(one);
            if (quality > most) {
                most = quality;
                best = one;
            }
        }
        return Optional.ofNullable(best);
    }

    private double qualityOf(MediaType offered) {
        Wish closest = null;
        for (Wish wish : wishes) {
            if (wish.range().includes(offered) && (closest == null || wish.precision() > closest.precision())) {
                closest = wish;
            }
        }
        return closest == null ? 0 : closest.quality();
    }
}
