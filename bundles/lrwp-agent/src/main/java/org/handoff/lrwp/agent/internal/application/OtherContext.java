package org.handoff.lrwp.agent.internal.application;

/**
 * A context of another target than ours, mostly a handler bundle's.
 *
 * @param host the only host it is for, in lower case; empty for any
 * @param target the target's name, for people
 */
public record OtherContext(String context, String host, String target) {

    private static final String ROOT = "/";

    /**
     * Whether an application's context would take requests that belong to this one: the same context, or a part of it.
     * The root context claims only itself.
     */
    public boolean isTakenBy(String by, String byHost) {
        if (host.equals(byHost)) {
            return by.equals(context) || !context.equals(ROOT) && isWithin(by, context);
        }
        // A context for a host comes before all those for any host, even longer ones.
        return host.isEmpty()
                && (by.equals(context) || isWithin(context, by) || !context.equals(ROOT) && isWithin(by, context));
    }

    private static boolean isWithin(String inner, String outer) {
        return outer.equals(ROOT) || inner.startsWith(outer + "/");
    }
}
