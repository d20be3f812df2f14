package org.handoff.itests.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.itests.handlers.versioned.Versioned;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Kar;
import org.handoff.itests.karaf.Karaf;

/** One handler that is deployed, updated, broken, mended and removed, with what its clients may get of it. */
final class WalkedHandler {

    /** How long a context is served that nobody wants. */
    static final int SETTLE_SECONDS = 5;

    /** How a handler comes into Karaf. */
    private enum Way {
        FILE,
        KAR,
        SHELL
    }

    /** What is wrong with a version, and as what it is shown. */
    private enum Kind {
        GOOD("serving"),
        SLOWLY("serving"),
        THROWS("failed"),
        EXITS("failed"),
        NEVER("failed"),
        MISSING_IMPORT("waiting"),
        UNSATISFIED("waiting"),
        TRUNCATED("waiting");

        private static final List<Kind> OF_CODE = List.of(SLOWLY, THROWS, EXITS, NEVER);
        private static final List<Kind> OF_BUNDLES = List.of(MISSING_IMPORT, UNSATISFIED);

        private final String state;

        Kind(String state) {
            this.state = state;
        }

        private boolean works() {
            return this == GOOD || this == SLOWLY;
        }

        /** Whether Karaf installs nothing where it comes in that way: only a pool that saw what it replaces knows of it. */
        private boolean isLeftOut(Way way) {
            return this == TRUNCATED || way == Way.KAR && OF_BUNDLES.contains(this);
        }

        /** @param mayBeLeftOut whether the pool sees what it replaces */
        private static List<Kind> bad(Way way, boolean mayBeLeftOut) {
            return Stream.of(OF_CODE, OF_BUNDLES, way == Way.FILE ? List.of(TRUNCATED) : List.<Kind>of())
                    .flatMap(List::stream)
                    .filter(kind -> mayBeLeftOut || !kind.isLeftOut(way))
                    .toList();
        }
    }

    /** What the handlers of a walk have in common. */
    interface Walk {

        Karaf karaf();

        Random random();

        /** Notes a step, which is about to be done. */
        void does(String kind, String step);

        /** A number greater than all before. */
        int next();

        /** Karaf is about to install or uninstall a feature. */
        void featuresChange();

        /** Waits until all is known that came of former steps. */
        void settle() throws Exception;

        /** What the service says that handlers use; empty where there is none. */
        String words();

        /** What it may have said to code that serves yet. */
        Set<String> said();

        /** Notes what must not be. */
        void fault(String what);
    }

    /** The archives in deploy/ whose feature Karaf has installed. */
    private final Set<String> archives = new HashSet<>();

    private final Walk walk;
    private final Karaf karaf;
    private final String name;
    private final String context;
    private final Class<?> component;
    private final Class<?> wanting;
    private final Expectation code;
    private final Expectation words;
    /** Null while it is not installed. */
    private Way way;
    /** Of a file its name, of a bundle of the shell its number. */
    private String place = "";

    private Kind kind;
    private int version;
    private boolean stopped;
    /** Whether it is known what has come of the last step. */
    private boolean settled = true;
    /** When it may be gone at the soonest, where nothing has come for it since it went. */
    private long goesAt;

    /** @param wanting the same component, but that it needs a service that there is not */
    WalkedHandler(Walk walk, WalkAnswers answers, Class<? extends Versioned> component, Class<?> wanting) {
        this.walk = walk;
        this.karaf = walk.karaf();
        String simple = component.getSimpleName().toLowerCase(Locale.ROOT);
        this.name = "test." + simple;
        this.context = "/versioned/" + simple;
        this.component = component;
        this.wanting = wanting;
        this.code = answers.expect(context).code();
        this.words = answers.expect(context).words();
    }

    String context() {
        return context;
    }

    private boolean isWanted() {
        return way != null && !stopped;
    }

    private String version() {
        return "1.0." + version;
    }

    // ---- steps

    /** Does something at random. */
    void step() throws Exception {
        int choice = walk.random().nextInt(10);
        if (way == null) {
            deploy(anyWay());
        } else if (stopped) {
            if (choice < 7) {
                start();
            } else {
                remove();
            }
        } else if (choice < 5) {
            deploy(way);
        } else if (choice < 7) {
            move();
        } else if (choice < 9 && !kind.isLeftOut(way) && !(way == Way.FILE && kind == Kind.MISSING_IMPORT)) {
            // Of what is in deploy/ Karaf tries again and again to start what it could not.
            stop();
        } else {
            remove();
        }
    }

    private Way anyWay() {
        return Way.values()[walk.random().nextInt(Way.values().length)];
    }

    private Kind anyKind(Way next, boolean mayBeLeftOut) {
        if (walk.random().nextBoolean()) {
            return Kind.GOOD;
        }
        List<Kind> kinds = Kind.bad(next, mayBeLeftOut);
        return kinds.get(walk.random().nextInt(kinds.size()));
    }

    /** Installs it, or updates it in the same way under the same name. */
    private void deploy(Way next) throws Exception {
        boolean update = way != null;
        Kind chosen = anyKind(next, update && !kind.isLeftOut(next));
        if (chosen.isLeftOut(next)) {
            // What it replaces must be known before: else nobody can know what it is.
            awaitSettled();
        }
        comes(chosen, update ? "update" : "install", " by " + next);
        put(next, update);
    }

    /** An update that comes as another bundle, before or after the present one goes. */
    private void move() throws Exception {
        awaitSettled();
        Way former = way;
        String formerPlace = place;
        Way next = anyWay();
        boolean last = next == Way.KAR || walk.random().nextBoolean();
        comes(anyKind(next, false), "move", " from " + former + (last ? "" : ", which goes first,") + " to " + next);
        if (!isServed()) {
            // For a moment there may be neither the one nor the other.
            code.also(WalkAnswers.UNKNOWN);
        }
        if (!last) {
            take(former, formerPlace);
        }
        put(next, false);
        if (last) {
            awaitInstalled(next);
            take(former, formerPlace);
        }
    }

    /** A feature takes its time to be installed: longer, maybe, than a context is served that nobody wants. */
    private void awaitInstalled(Way next) {
        if (next == Way.KAR) {
            String label = name + " " + version() + " [";
            karaf.await(label, () -> karaf.shell("monitor:contexts").contains(label));
        }
    }

    private void stop() throws Exception {
        // Not only its own: what Karaf has to do with the feature of another one would start it again.
        walk.settle();
        walk.does("stop", name);
        goes();
        stopped = true;
        karaf.shell("bundle:stop " + name);
    }

    private void start() throws Exception {
        walk.does("start", name);
        boolean served = !code.now().contains(WalkAnswers.UNKNOWN);
        isWantedNow();
        run(name);
        if (served && System.nanoTime() - goesAt < 0) {
            // Before its time was over: it never goes.
            code.only(code.now());
        }
    }

    /** Takes it away. */
    void remove() throws Exception {
        if (way != null) {
            awaitSettled();
            walk.does("remove", name);
            goes();
            leave();
            stopped = false;
        }
    }

    /** Takes it away, whatever clients get. */
    void leave() throws IOException {
        if (way != null) {
            Way former = way;
            way = null;
            take(former, place);
        }
    }

    private void awaitSettled() throws Exception {
        if (!settled) {
            walk.settle();
        }
    }

    // ---- how it is done

    private void put(Way next, boolean update) throws Exception {
        Path jar = build();
        way = next;
        if (next == Way.SHELL) {
            shell(update, jar);
            return;
        }
        place = update ? place : name + "-" + version + (next == Way.KAR ? ".kar" : ".jar");
        if (next == Way.KAR) {
            features(place, !kind.isLeftOut(next));
        }
        karaf.deploy(
                next == Way.KAR
                        ? Kar.build(name, version(), jar)
                        : kind == Kind.TRUNCATED ? VersionedHandler.truncated(jar) : jar,
                place);
    }

    private void shell(boolean update, Path jar) throws IOException {
        if (update) {
            karaf.shell("bundle:update " + place + " " + jar.toUri());
        } else {
            // A location of its own, as two of one location are one bundle.
            String printed = karaf.shell("bundle:install -s " + jar.toUri() + "?" + version);
            place = printed.replaceAll("(?s).*Bundle IDs?: (\\d+).*", "$1").strip();
        }
        // An update alone does not start what did not run.
        run(place);
    }

    private void run(String bundle) throws IOException {
        String printed = karaf.shell("bundle:start " + bundle);
        if (printed.contains("Error") && kind != Kind.MISSING_IMPORT) {
            // Felix lets a start fail where it refreshes bundles at that moment.
            karaf.await(
                    "the start of " + bundle,
                    () -> !karaf.shell("bundle:start " + bundle).contains("Error"));
        }
    }

    private Path build() throws Exception {
        Map<String, String> headers = new HashMap<>(Map.of("Bundle-Version", version()));
        switch (kind) {
            case MISSING_IMPORT -> headers.put("Import-Package", VersionedHandler.MISSING + ",*");
            case SLOWLY, THROWS, EXITS, NEVER -> headers.put(Versioned.HEADER, kind.name());
            default -> {}
        }
        return HandlerBundle.ofComponent(name, kind == Kind.UNSATISFIED ? wanting : component, headers);
    }

    private void take(Way from, String where) throws IOException {
        if (from == Way.SHELL) {
            karaf.shell("bundle:uninstall " + where);
        } else {
            if (from == Way.KAR) {
                features(where, false);
            }
            karaf.undeploy(where);
        }
    }

    /** An archive comes, is replaced or goes. @param installable whether Karaf will have its feature then */
    private void features(String archive, boolean installable) {
        if (archives.remove(archive) || installable) {
            walk.featuresChange();
        }
        if (installable) {
            archives.add(archive);
        }
    }

    // ---- what clients may get

    /** Another version is about to be deployed. */
    private void comes(Kind next, String what, String how) {
        version = walk.next();
        kind = next;
        walk.does(what, name + how + ": " + version() + " " + next);
        isWantedNow();
    }

    /** What serves goes on until the present version does, where that works. */
    private void isWantedNow() {
        if (!isServed()) {
            code.also(WalkAnswers.UNAVAILABLE);
        }
        if (kind.works()) {
            code.also(version());
            walk.said().forEach(words::also);
        }
        stopped = false;
        settled = false;
    }

    private boolean isServed() {
        Set<String> now = code.now();
        return !now.contains(WalkAnswers.UNKNOWN) && !now.contains(WalkAnswers.UNAVAILABLE);
    }

    /** It is about to be taken away. */
    private void goes() {
        goesAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        code.alsoFrom(goesAt, WalkAnswers.UNKNOWN);
        settled = false;
    }

    /** Karaf starts what was stopped of a feature, when it next has to do with any. */
    void featuresChange() {
        if (way == Way.KAR && stopped) {
            isWantedNow();
            if (isServed()) {
                // Until Karaf gets to it, its time may be over.
                code.alsoFrom(goesAt, WalkAnswers.UNAVAILABLE);
            }
        }
    }

    /** The service is about to say something else. */
    void wordsChange(String next) {
        if (settled && isWanted() && !kind.works()) {
            // Former code serves, if any: with the service of its time.
            return;
        }
        // While its bundle is updated there is none for a moment.
        words.also("");
        words.also(next);
    }

    /** The pool is about to be restarted: it forgets code that is in Karaf no more. */
    void poolRestarts() {
        if (isWanted()) {
            code.also(WalkAnswers.UNAVAILABLE);
        }
        if (way != null && kind.isLeftOut(way)) {
            code.also(WalkAnswers.UNKNOWN);
        }
    }

    /**
     * Looks whether it is as it is to be in the end.
     *
     * @param rows of {@code monitor:contexts}, by context
     * @return to be run when all is: from then on nothing else may be answered; null where it is not
     */
    Runnable look(Map<String, Map<String, String>> rows) throws IOException {
        Map<String, String> row = rows.get(context);
        if (!isWanted()) {
            return row == null && karaf.get(context).status() == 404 ? () -> only(WalkAnswers.UNKNOWN) : null;
        }
        if (kind.isLeftOut(way) && code.now().contains(WalkAnswers.UNKNOWN)) {
            // Only the pool that has ended knew what it is a part of.
            return () -> settled = true;
        }
        if (row == null || !row.get("state").equals(kind.state)) {
            return null;
        }
        if (row.get("serves").isEmpty()) {
            return kind.works() ? null : () -> only(WalkAnswers.UNAVAILABLE);
        }
        String[] answer = karaf.get(context).text().split(" ", 2);
        boolean right =
                answer.length == 2 && (!kind.works() || answer[0].equals(version()) && answer[1].equals(walk.words()));
        return right ? () -> only(answer[0], answer[1]) : null;
    }

    private void only(String answer, String said) {
        only(answer);
        check(said, words);
        words.only(Set.of(said));
    }

    private void only(String answer) {
        check(answer, code);
        code.only(Set.of(answer));
        settled = true;
    }

    private void check(String answer, Expectation expectation) {
        if (!expectation.now().contains(answer)) {
            walk.fault("in the end \"" + answer + "\" is the answer, expected was " + this);
        }
    }

    @Override
    public String toString() {
        return context + ": "
                + (way == null
                        ? "not installed"
                        : way + " " + place + " " + version() + " " + kind + (stopped ? ", stopped" : ""))
                + "; answers may be " + code + " with " + words;
    }
}
