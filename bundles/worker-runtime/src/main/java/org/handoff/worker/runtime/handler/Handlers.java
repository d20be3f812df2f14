package org.handoff.worker.runtime.handler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import org.handoff.http.Router;
import org.handoff.http.routing.ContextTable;
import org.handoff.http.routing.RequestTarget;
import org.handoff.worker.api.Handler;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.handoff.worker.runtime.files.StaticFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All handlers of the generation: their contexts, and the reasons why some cannot serve. */
public final class Handlers implements Router {

    private static final Logger LOG = LoggerFactory.getLogger(Handlers.class);

    private final List<ContextTable.Entry<Optional<Handler>>> own;
    private final SortedMap<Integer, String> failures;
    private volatile ContextTable<Optional<Handler>> table;

    private Handlers(List<ContextTable.Entry<Optional<Handler>>> own, SortedMap<Integer, String> failures) {
        this.own = own;
        this.failures = failures;
        this.table = ContextTable.of(own);
    }

    /** Finds the handlers' services in a framework whose bundles have been started. */
    public static Handlers find(GenerationFile generation, HandlerFramework framework) {
        HandlerServices services = new HandlerServices(framework.context());
        Map<Integer, HandlerService> started = new HashMap<>();
        for (HandlerEntry entry : generation.handlers()) {
            if (entry.files() == null && framework.failure(entry.bundle()).isEmpty()) {
                framework
                        .bundle(entry.bundle())
                        .ifPresent(bundle -> started.put(entry.number(), services.add(entry, bundle)));
            }
        }
        services.open();
        BlueprintContainers blueprint = BlueprintContainers.of(framework.context(), services::changed);
        services.await(blueprint::areMaking);
        Diagnosis diagnosis = new Diagnosis(framework, blueprint);
        List<ContextTable.Entry<Optional<Handler>>> lines = new ArrayList<>();
        SortedMap<Integer, String> failures = new TreeMap<>();
        for (HandlerEntry entry : generation.handlers()) {
            Optional<Handler> service = entry.files() == null
                    ? Optional.ofNullable(serving(started.get(entry.number())))
                    : Optional.of(new StaticFiles(entry.files()))
                            .filter(StaticFiles::isServing)
                            .map(Handler.class::cast);
            if (service.isEmpty()) {
                String reason = entry.files() == null
                        ? diagnosis.reason(entry)
                        : entry.files() + " is not a folder that this worker may search";
                LOG.error("Handler {} for {} does not serve: {}", entry.number(), entry.contexts(), reason);
                failures.put(entry.number(), reason);
            }
            // A handler that cannot serve keeps its contexts: a handler with a shorter one must not answer in its
            // place.
            entry.contexts().forEach(context -> lines.add(new ContextTable.Entry<>(context, entry.host(), service)));
        }
        return new Handlers(lines, Collections.unmodifiableSortedMap(failures));
    }

    private static HandlerService serving(HandlerService service) {
        return service != null && service.isServing() ? service : null;
    }

    /** The reasons why handlers cannot serve, by their numbers in the generation file. */
    public SortedMap<Integer, String> failures() {
        return failures;
    }

    /**
     * Takes the contexts of other targets: a request for one of them is foreign, even if the same or a shorter context
     * of this worker matches.
     *
     * @param foreign the context of each, with its host
     */
    public void foreignContexts(ForeignContexts foreign) {
        List<ContextTable.Entry<Optional<Handler>>> all = new ArrayList<>();
        foreign.contexts()
                .forEach(one -> all.add(new ContextTable.Entry<>(one.context(), one.host(), Optional.empty())));
        all.addAll(own);
        table = ContextTable.of(all);
    }

    @Override
    public Route route(RequestTarget target) {
        ContextTable.Entry<Optional<Handler>> entry = table.find(target.host(), target.path());
        return entry == null
                ? null
                : entry.value()
                        .map(handler -> new Route(entry.context(), handler))
                        .orElse(null);
    }
}
