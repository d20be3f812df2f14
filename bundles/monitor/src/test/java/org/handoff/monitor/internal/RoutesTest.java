package org.handoff.monitor.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.junit.jupiter.api.Test;

class RoutesTest {

    private final List<String> logged = new ArrayList<>();
    private final RouteLog log = new RouteLog(logged::add);
    private final Routes routes = new Routes(Runnable::run, addresses -> {}, new Remembered(null), log);
    private final Target a = connection -> {};
    private final Target b = connection -> {};

    @Test
    void theLongestContextWinsOnWholeSegments() {
        put(a, 1, 0, "", "/app");
        put(b, 2, 0, "", "/app/deep");
        assertSame(a, routes.find("h", "/app").target());
        assertSame(a, routes.find("h", "/app/x").target());
        assertSame(b, routes.find("h", "/app/deep/er").target());
        assertSame(a, routes.find("h", "/app/deeper").target());
        assertNull(routes.find("h", "/apple"));
    }

    @Test
    void manyServicesThatComeTogetherMakeOneTableAndAreAllRouted() {
        List<Runnable> tasks = new ArrayList<>();
        Routes many = new Routes(tasks::add, addresses -> {}, new Remembered(null), log);
        for (int i = 0; i < 1000; i++) {
            put(many, a, i, "/" + i);
        }
        assertEquals(1, tasks.size(), "what the loop has to do");
        assertSame(a, many.find("h", "/999").target(), "whether or not the loop has come to it");
        put(many, b, 1000, "/0/b");
        assertNull(many.sole());
        assertSame(b, many.find("h", "/0/b").target());
    }

    @Test
    void membersOfAGroupAreRoutedAsTheyAreNowEachByItsOwnRanking() {
        List<TargetGroup.Member> members = new ArrayList<>(List.of(member(a, 0, "/x"), member(b, 1, "/y")));
        TargetGroup group = () -> List.copyOf(members);
        routes.put(group, Map.of("service.id", 2L));
        put(b, 3, 0, "", "/x");
        put(a, 4, 0, "", "/y");
        assertSame(a, routes.find("h", "/x").target(), "the older");
        assertSame(b, routes.find("h", "/y").target(), "the higher ranking");
        members.set(0, member(a, -1, "/x"));
        members.set(1, member(b, 1, "/z"));
        routes.put(group, Map.of("service.id", 2L));
        assertSame(b, routes.find("h", "/x").target(), "the higher ranking");
        assertSame(a, routes.find("h", "/y").target(), "the group does not have it any more");
        assertSame(b, routes.find("h", "/z").target());
        remove(2);
        assertNull(routes.find("h", "/z"));
    }

    private static TargetGroup.Member member(Target target, int ranking, String context) {
        return new TargetGroup.Member(target, Map.of("service.ranking", ranking, Target.CONTEXT, context));
    }

    @Test
    void servicesComeWhileATableIsMade() throws Exception {
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch made = new CountDownLatch(1);
        Queue<Runnable> first = new ConcurrentLinkedQueue<>();
        Routes busy = new Routes(
                task -> {
                    if (!first.isEmpty()) {
                        making.countDown();
                        awaitQuietly(made);
                    }
                    first.add(task);
                },
                addresses -> {},
                new Remembered(null),
                log);
        put(busy, a, 1, "/a");
        CompletableFuture<Target> found =
                CompletableFuture.supplyAsync(() -> busy.find("h", "/a").target());
        assertTrue(making.await(10, TimeUnit.SECONDS));
        CompletableFuture<Void> put = CompletableFuture.runAsync(() -> put(busy, b, 2, "/b"));
        try {
            put.get(10, TimeUnit.SECONDS);
        } finally {
            made.countDown();
        }
        assertSame(a, found.get(10, TimeUnit.SECONDS));
        assertSame(b, busy.find("h", "/b").target());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aTargetIsToldOfOthersWhenThatHasChanged() {
        List<List<RoutedContext>> told = new ArrayList<>();
        Target listening = new Target() {
            @Override
            public void take(Connection connection) {
                throw new AssertionError("no connection comes");
            }

            @Override
            public void foreignContexts(List<RoutedContext> contexts) {
                told.add(contexts);
            }
        };
        put(listening, 1, 0, "", "/app");
        put(b, 2, 0, "", "/other");
        put(b, 3, 0, "", "/app/deep");
        routes.tell();
        List<RoutedContext> deep = List.of(new RoutedContext("/app/deep", ""));
        assertEquals(List.of(List.of(), deep, deep), told, "at first, when it has changed, and when all are told");
    }

    @Test
    void aLoopThatHasJustBegunIsAskedForWhatAFormerOneWasAskedInVain() {
        List<Runnable> tasks = new ArrayList<>();
        Routes again = new Routes(tasks::add, addresses -> {}, new Remembered(null), log);
        put(again, a, 1, "/a");
        again.tell();
        tasks.clear();
        put(again, b, 2, "/b");
        assertEquals(1, tasks.size(), "what the new loop has to do");
    }

    @Test
    void aContextOfTheHostComesFirst() {
        put(a, 1, 0, "", "/app/deep");
        put(b, 2, 0, "Example.ORG", "/app");
        assertSame(b, routes.find("example.org", "/app/deep").target());
        assertSame(a, routes.find("other.org", "/app/deep").target());
        assertNull(routes.find("other.org", "/app"));
    }

    @Test
    void aTargetIsSoleHoweverManyServicesItHas() {
        assertNull(routes.sole());
        put(a, 1, 0, "", "/a");
        put(a, 2, 0, "", "/b", "/c");
        assertSame(a, routes.sole());
        put(b, 3, 0, "", "/d");
        assertNull(routes.sole());
        remove(3);
        assertSame(a, routes.sole());
    }

    @Test
    void ofTwoWithOneContextTheHigherRankingServesThenTheOlder() {
        put(b, 2, 0, "", "/x");
        put(a, 1, 0, "", "/x");
        assertSame(a, routes.find("h", "/x").target(), "the older");
        put(b, 2, 1, "", "/x");
        assertSame(b, routes.find("h", "/x").target(), "the higher ranking");
        Routes.Route serving = routes.all().get(0);
        assertNull(routes.shadowing(serving));
        assertSame(serving, routes.shadowing(routes.all().get(1)), "who has the loser's context");
        assertSame(b, routes.sole(), "the loser gets no request");
        remove(2);
        assertSame(a, routes.find("h", "/x").target(), "the loser takes over");
    }

    @Test
    void aRouteThatAnotherShadowsIsLoggedAndAlsoWhenItIsOver() {
        put(routes, a, 1, Map.of(Target.CONTEXT, "/x", Target.NAME, "pool p"));
        put(routes, b, 2, Map.of(Target.CONTEXT, "/x", Target.NAME, "pool p"));
        assertEquals(List.of(), logged, "a pool that gives a context another target has both for a moment");
        put(routes, b, 3, Map.of(Target.CONTEXT, "/x", Target.NAME, "pool q"));
        put(routes, b, 4, Map.of(Target.CONTEXT, "/y", Target.NAME, "pool q"));
        remove(1);
        remove(2);
        assertEquals(
                List.of(
                        "Context /x of pool q: shadowed: pool p has this context; withdraw one of the two, or give it"
                                + " another context or host",
                        "Context /x of pool q: no longer shadowed"),
                logged);
    }

    @Test
    void aContextThatIsNotValidIsLeftOut() {
        put(a, 1, 0, "", "no/slash", "/good", "/a/../b");
        assertSame(a, routes.find("h", "/good").target());
        assertEquals(
                List.of("/good"),
                routes.all().stream().map(Routes.Route::context).toList());
    }

    private void put(Target target, long service, int ranking, String host, String... contexts) {
        put(routes, target, service, Map.of("service.ranking", ranking, Target.HOST, host, Target.CONTEXT, contexts));
    }

    private static void put(Routes routes, Target target, long service, String context) {
        put(routes, target, service, Map.of(Target.CONTEXT, context));
    }

    private static void put(Routes routes, Target target, long service, Map<String, Object> properties) {
        routes.put(() -> List.of(new TargetGroup.Member(target, properties)), Map.of("service.id", service));
    }

    private void remove(long service) {
        routes.remove(Map.of("service.id", service), false);
    }
}
