package org.handoff.monitor.api;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

import org.handoff.http.config.ConfigValues;
import org.handoff.http.routing.ContextTable;

/**
 * What the properties of a target say about its routes.
 *
 * @param contexts its valid contexts, each for its host
 * @param name its name, for people; empty for none
 */
public record RoutingProperties(List<RoutedContext> contexts, String name) {

    /**
     * Reads the properties of a target.
     *
     * @param properties those of its service, or of a member of a group, by name
     * @param faults hears why a context is left out, which is not valid
     */
    public static RoutingProperties of(Function<String, Object> properties, Consumer<String> faults) {
        String host = text(properties.apply(Target.HOST)).toLowerCase(Locale.ROOT);
        List<RoutedContext> contexts = new ArrayList<>();
        for (String context : strings(properties.apply(Target.CONTEXT))) {
            try {
                contexts.add(new RoutedContext(valid(context), host));
            } catch (IllegalArgumentException e) {
                faults.accept(e.getMessage());
            }
        }
        return new RoutingProperties(List.copyOf(contexts), text(properties.apply(Target.NAME)));
    }

    private static String valid(String context) {
        if (context.startsWith(Target.TCP)) {
            address(context);
            return context;
        }
        return ContextTable.validContext(context);
    }

    /**
     * The address in a context.
     *
     * @param context begins with {@link Target#TCP}
     * @throws IllegalArgumentException if the rest is no address
     */
    public static InetSocketAddress address(String context) {
        return ConfigValues.socketAddress(Target.CONTEXT, context.substring(Target.TCP.length()));
    }

    private static List<String> strings(Object property) {
        return property instanceof String[] several
                ? List.of(several)
                : property instanceof String one ? List.of(one) : List.of();
    }

    private static String text(Object property) {
        return property == null ? "" : property.toString();
    }
}
