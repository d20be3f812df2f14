package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The states of contexts, for people and for the monitor.
 *
 * @param startFailure the reason of the last failed start in the generation that is tried; empty for none
 * @param poolProblem the problem of the workers that serve; empty for none
 */
record ContextStates(Accepted accepted, Quarantine quarantine, String startFailure, String poolProblem) {

    /** The state of each context that is wanted or still served. */
    List<ContextLine> of(RolloutPlanner.Plan plan) {
        List<ContextLine> lines = new ArrayList<>();
        plan.claims().forEach((place, claimants) -> lines.addAll(lines(place, claimants)));
        plan.kept().forEach(place -> lines.add(leaving(place, accepted.at(place))));
        return lines;
    }

    /** @param former what has the place; null for nothing */
    private ContextLine leaving(Place place, HandlerPlan former) {
        return new ContextLine(
                place,
                ContextLine.State.LEAVING,
                former != null && accepted.works(former),
                former == null ? "" : former.code().label(),
                "",
                "its bundle has gone",
                OptionalLong.empty());
    }

    private List<ContextLine> lines(Place place, List<Want> claimants) {
        List<ContextLine> lines = new ArrayList<>();
        HandlerPlan serving = accepted.at(place);
        Want owner = claimants.get(0);
        lines.add(
                serving != null && accepted.works(serving)
                        ? served(place, owner, serving)
                        : unserved(place, owner, serving));
        claimants.stream()
                .skip(1)
                .filter(want -> serving == null || !serving.code().equals(want.code()))
                .forEach(want -> lines.add(ContextLine.unserved(
                        place,
                        ContextLine.State.SHADOWED,
                        want.label(),
                        want.describe() + " is not served: " + owner.describe()
                                + " has this context; undeploy one of the two, or give it another context")));
        return lines;
    }

    private ContextLine served(Place place, Want owner, HandlerPlan serving) {
        String serves = serving.code().label();
        if (owner.isReady() && owner.code().equals(serving.code())) {
            String problem = Stream.of(poolProblem, quarantine.settingsReason(), owner.remark())
                    .filter(one -> !one.isEmpty())
                    .findFirst()
                    .orElse("");
            return new ContextLine(place, ContextLine.State.SERVING, true, serves, "", problem, OptionalLong.empty());
        }
        String label = owner.label().equals(serves) ? owner.label() + ", " + difference(owner, serving) : owner.label();
        if (!owner.isReady()) {
            return new ContextLine(
                    place,
                    ContextLine.State.WAITING,
                    true,
                    serves,
                    label,
                    "its former code serves, because the new one waits: " + owner.remark(),
                    OptionalLong.empty());
        }
        String reason = quarantine.reason(owner.code());
        return reason.isEmpty()
                ? new ContextLine(place, ContextLine.State.STARTING, true, serves, label, "", OptionalLong.empty())
                : new ContextLine(
                        place,
                        ContextLine.State.FAILED,
                        true,
                        serves,
                        label,
                        "its former code serves, because the new one fails: " + reason,
                        quarantine.retryAt(owner.code()));
    }

    /** By what the wanted code differs from the serving code of the same bundle. */
    private static String difference(Want owner, HandlerPlan serving) {
        List<String> changed = owner.isReady() ? owner.code().changedConfigurations(serving.code()) : List.of();
        return changed.isEmpty()
                ? "as it is now"
                : "with the configuration " + String.join(", ", changed) + " as it is now";
    }

    private ContextLine unserved(Place place, Want owner, HandlerPlan failing) {
        String label = owner.label();
        if (!owner.isReady()) {
            return ContextLine.unserved(place, ContextLine.State.WAITING, label, owner.remark());
        }
        if (failing != null && failing.code().equals(owner.code())) {
            return ContextLine.failed(
                    place,
                    label,
                    accepted.failures().get(failing) + owner.code().remedy());
        }
        String reason = quarantine.reason(owner.code());
        if (!reason.isEmpty()) {
            return new ContextLine(
                    place, ContextLine.State.FAILED, false, "", label, reason, quarantine.retryAt(owner.code()));
        }
        return startFailure.isEmpty()
                ? ContextLine.unserved(place, ContextLine.State.STARTING, label, "")
                : ContextLine.failed(place, label, "no worker starts: " + startFailure);
    }
}
