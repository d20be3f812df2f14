package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which of a pool's new code is kept out of its generations, and until when. Code that fails to start is refused until
 * it changes. Code that ends its workers is refused too, and tried again by itself, ever later. Where several pieces of
 * new code came together and workers died, each is suspect: half of them are tried, and half of those, until the guilty
 * ones are found and the others serve.
 *
 * <p>Not thread-safe; times are those of {@link System#nanoTime}.
 */
final class Refusals {

    private static final class Refusal {

        private final BackOff backOff = new BackOff();
        private String reason;
        /** Whether it is tried again by itself. */
        private boolean again;
        private long retryAt;
    }

    private final Map<HandlerPlan, Refusal> refused = new HashMap<>();
    private final Set<HandlerPlan> suspects = new LinkedHashSet<>();
    /** How many suspects are tried at once: fewer after they died, more after it went well or one was found guilty. */
    private int together;
    /** Settings with which workers die, and their refusal; or null. */
    private WorkerSettings settings;
    private Refusal settingsRefusal;

    /**
     * What the next generation tries of what the present one does not have.
     *
     * @param handlers the new code in it
     * @param settings whether it has the new settings
     * @param suspect whether it tries something that may have made workers die
     */
    record Trial(Collection<HandlerPlan> handlers, boolean settings, boolean suspect) {
    }

    /** Forgets what is not wanted any more. */
    void retain(Collection<HandlerPlan> handlers, WorkerSettings wanted) {
        refused.keySet().retainAll(handlers);
        suspects.retainAll(handlers);
        if (!wanted.equals(settings)) {
            settings = null;
            settingsRefusal = null;
        }
    }

    /** Decides what to try now: what was never tried first; then suspects; then what is due to be tried again. */
    Trial choose(List<HandlerPlan> fresh, boolean freshSettings, long now) {
        boolean withSettings = freshSettings && settingsRefusal == null;
        List<HandlerPlan> untried = new ArrayList<>(fresh);
        untried.removeAll(suspects);
        untried.removeAll(refused.keySet());
        if (!untried.isEmpty()) {
            return new Trial(untried, withSettings, false);
        }
        if (!suspects.isEmpty()) {
            return new Trial(suspects.stream().limit(together).toList(), withSettings, true);
        }
        for (HandlerPlan handler : fresh) {
            Refusal refusal = refused.get(handler);
            if (refusal != null && refusal.again && now - refusal.retryAt >= 0) {
                return new Trial(List.of(handler), withSettings, true);
            }
        }
        boolean retrySettings = freshSettings && settingsRefusal != null && now - settingsRefusal.retryAt >= 0;
        return new Trial(List.of(), withSettings || retrySettings, retrySettings);
    }

    /** It fails to start, and does so until it changes. */
    void refuse(HandlerPlan handler, String reason) {
        suspects.remove(handler);
        Refusal refusal = new Refusal();
        refusal.reason = reason;
        refused.put(handler, refusal);
    }

    /**
     * Workers died of a generation.
     *
     * @param fresh the new code in it
     * @param freshSettings its settings, where they were new and others have worked; else null
     */
    void crashed(List<HandlerPlan> fresh, WorkerSettings freshSettings, String reason, long now) {
        if (freshSettings != null) {
            settingsRefusal = freshSettings.equals(settings) ? settingsRefusal : new Refusal();
            settings = freshSettings;
            refuseUntil(settingsRefusal, reason, now);
        } else if (fresh.size() == 1) {
            suspects.removeAll(fresh);
            together *= 2;
            refuseUntil(refused.computeIfAbsent(fresh.get(0), first -> new Refusal()), reason, now);
        } else {
            suspects.addAll(fresh);
            together = fresh.size() / 2;
        }
    }

    private static void refuseUntil(Refusal refusal, String reason, long now) {
        refusal.reason = reason;
        refusal.again = true;
        refusal.retryAt = now + TimeUnit.MILLISECONDS.toNanos(refusal.backOff.nextMillis());
    }

    /** A generation with these has been accepted. */
    void accepted(Generation generation) {
        generation.handlers().forEach(refused::remove);
        if (suspects.removeAll(generation.handlers())) {
            together *= 2;
        }
        if (generation.settings().equals(settings)) {
            settings = null;
            settingsRefusal = null;
        }
    }

    boolean isEmpty() {
        return refused.isEmpty() && suspects.isEmpty() && settingsRefusal == null;
    }

    /** Why this code is kept out; empty where it is not. */
    String reason(HandlerPlan handler) {
        Refusal refusal = refused.get(handler);
        if (refusal != null) {
            return refusal.again ? "workers die of it, and it is tried again from time to time: " + refusal.reason
                    : refusal.reason;
        }
        return suspects.contains(handler) ? "it came with other code, and workers died; one after the other is tried"
                : "";
    }

    /** Why the new settings are not used; empty where they are. */
    String settingsReason() {
        return settingsRefusal == null ? ""
                : "the changed configuration is not used, because workers die with it: " + settingsRefusal.reason;
    }

    /** When something is tried again: nanoseconds from now, at least 0; -1 where nothing is. */
    long retryIn(long now) {
        long soonest = -1;
        List<Refusal> all = new ArrayList<>(refused.values());
        if (settingsRefusal != null) {
            all.add(settingsRefusal);
        }
        for (Refusal refusal : all) {
            if (refusal.again) {
                long in = Math.max(0, refusal.retryAt - now);
                soonest = soonest < 0 ? in : Math.min(soonest, in);
            }
        }
        return soonest;
    }
}
