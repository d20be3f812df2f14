package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.supervision.BackOff;

/**
 * The new code that is kept out of a pool's generations, and until when. Code that fails to start is refused until it
 * changes. Code that ends its workers is refused too, and tried again by itself, with exponential back-off. If several
 * pieces of new code came together and workers died, each is suspect: half of them are tried, and half of those, until
 * the faulty ones are found and the others serve.
 *
 * <p>Not thread-safe; times are those of {@link System#nanoTime}.
 */
public final class Quarantine {

    private static final class Refusal {

        private final BackOff backOff = new BackOff();
        private String reason;
        /** Whether it is tried again by itself. */
        private boolean again;

        private long retryAt;
    }

    private final Map<Code, Refusal> refused = new HashMap<>();
    private final Set<Code> suspects = new LinkedHashSet<>();
    /**
     * The number of suspects tried at once: fewer after a death, more after a success or when a faulty one was found.
     */
    private int together;
    /** Settings with which workers die, and their refusal; or null. */
    private WorkerSettings settings;

    private Refusal settingsRefusal;

    /**
     * The new parts of the next generation.
     *
     * @param code the new code in it
     * @param settings whether it has the new settings
     * @param suspect whether it tries a suspect
     */
    record Trial(Set<Code> code, boolean settings, boolean suspect) {}

    /** Forgets unwanted code and settings. */
    void retain(Collection<Code> code, WorkerSettings wanted) {
        refused.keySet().retainAll(code);
        suspects.retainAll(code);
        if (!wanted.equals(settings)) {
            settings = null;
            settingsRefusal = null;
        }
    }

    /** Decides what to try now: untried code first; then suspects; then code due to be tried again. */
    Trial choose(Collection<Code> fresh, boolean freshSettings, long now) {
        boolean withSettings = freshSettings && settingsRefusal == null;
        Set<Code> untried = new LinkedHashSet<>(fresh);
        suspects.forEach(untried::remove);
        refused.keySet().forEach(untried::remove);
        if (!untried.isEmpty()) {
            return new Trial(untried, withSettings, false);
        }
        Set<Code> half = suspects.stream()
                .filter(fresh::contains)
                .limit(Math.max(1, together))
                .collect(Collectors.toSet());
        if (!half.isEmpty()) {
            return new Trial(half, withSettings, true);
        }
        for (Code code : fresh) {
            Refusal refusal = refused.get(code);
            if (refusal != null && refusal.again && now - refusal.retryAt >= 0) {
                return new Trial(Set.of(code), withSettings, true);
            }
        }
        boolean retrySettings = freshSettings && settingsRefusal != null && now - settingsRefusal.retryAt >= 0;
        return new Trial(Set.of(), withSettings || retrySettings, retrySettings);
    }

    /** The code fails to start, and will until it changes. */
    void refuse(Code code, String reason) {
        suspects.remove(code);
        Refusal refusal = new Refusal();
        refusal.reason = reason;
        refused.put(code, refusal);
    }

    /**
     * Workers of a generation died.
     *
     * @param fresh the new code in it
     * @param freshSettings its settings, if they were new and others have worked; otherwise null
     * @param pauseNanos how long it is kept out at least
     */
    void crashed(List<Code> fresh, WorkerSettings freshSettings, String reason, long pauseNanos, long now) {
        if (freshSettings != null) {
            settingsRefusal = freshSettings.equals(settings) ? settingsRefusal : new Refusal();
            settings = freshSettings;
            refuseUntil(settingsRefusal, reason, pauseNanos, now);
        } else if (fresh.size() == 1) {
            suspects.removeAll(fresh);
            together *= 2;
            refuseUntil(refused.computeIfAbsent(fresh.get(0), first -> new Refusal()), reason, pauseNanos, now);
        } else {
            suspects.addAll(fresh);
            together = fresh.size() / 2;
        }
    }

    private static void refuseUntil(Refusal refusal, String reason, long pauseNanos, long now) {
        refusal.reason = reason;
        refusal.again = true;
        refusal.retryAt = now + Math.max(pauseNanos, TimeUnit.MILLISECONDS.toNanos(refusal.backOff.nextMillis()));
    }

    /** A generation with these has been accepted. */
    void accepted(Generation generation) {
        refused.keySet().removeAll(generation.code());
        if (suspects.removeAll(generation.code())) {
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

    /** Whether this code was tried, and is not to be used now. */
    boolean keepsOut(Code code) {
        return refused.containsKey(code) || suspects.contains(code);
    }

    /** The reason why this code is kept out; empty if it is not. */
    String reason(Code code) {
        Refusal refusal = refused.get(code);
        if (refusal != null) {
            return refusal.again
                    ? "workers die of it, and it is tried again from time to time: " + refusal.reason
                    : refusal.reason + code.remedy();
        }
        return suspects.contains(code) ? "it came with other code, and workers died; one after the other is tried" : "";
    }

    /** The reason why the new settings are not used; empty if they are. */
    String settingsReason() {
        return settingsRefusal == null
                ? ""
                : "the changed configuration is not used, because workers die with it: " + settingsRefusal.reason;
    }

    /** The time when this code is tried again; empty if unknown. */
    OptionalLong retryAt(Code code) {
        Refusal refusal = refused.get(code);
        return refusal == null || !refusal.again ? OptionalLong.empty() : OptionalLong.of(refusal.retryAt);
    }

    /** The time to the next attempt: nanoseconds from now, at least 0; -1 for none. */
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
