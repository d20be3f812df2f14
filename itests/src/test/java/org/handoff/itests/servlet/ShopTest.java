package org.handoff.itests.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.handoff.itests.handlers.jaxrs.JaxrsActivator;
import org.handoff.itests.karaf.Features;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Client.Answer;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The example shop, a web application that knows nothing of Handoff, answers from Karaf's own web container, and from a
 * pool by one line of configuration.
 */
@ExtendWith(OurKaraf.class)
class ShopTest {

    private static final String POOL = "org.handoff.pool-shop.cfg";
    private static final String WEB = "org.ops4j.pax.web.cfg";
    private static final String SHOP = "org.handoff.examples.shop.cfg";

    private final Karaf karaf;
    private Features features;

    ShopTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void leaveKarafAsItWas() throws IOException {
        features.uninstall();
        karaf.delete(POOL, WEB, SHOP, "org.ops4j.datasource-shop.cfg");
        karaf.await("the end of the shop's workers", () -> karaf.workers().size() == 2);
    }

    @Test
    void answersFromTheWebContainerOfKaraf() throws Exception {
        int port = Ports.free();
        karaf.write(WEB, "org.osgi.service.http.port = " + port + "\n");
        // Before Aries: it can stop Karaf for ever where both start at a time.
        karaf.install("-r http-whiteboard");
        karaf.await("the web container", () -> Http.get(port, "/").status() > 0);
        install("http-whiteboard shop-rest");
        karaf.await("the web container", () -> Http.get(port, "/shop/products").status() == 200);
        assertEquals(karaf.pid(), sells(port));
        // Aries takes resources on threads of its own.
        karaf.await("the resources", () -> Http.get(port, "/shop/api/products").status() == 200);
        assertEquals(karaf.pid(), resources(port));
        assertNotEquals(List.of(), objectsOfTheShopIn(karaf.pid()));
    }

    @Test
    void answersFromAPoolByOneLine() throws Exception {
        collectGarbage();
        karaf.write(POOL, "servlets = (osgi.http.whiteboard.context.name=shop)\n");
        install("handoff-servlet shop");
        karaf.awaitStatus(200, "/shop/products");
        assertNotEquals(karaf.pid(), sells(karaf.httpPort()));
        assertFalse(karaf.shell("bundle:list -t 0 -s").contains("pax-web-runtime"), "a web container in Karaf");
        assertEquals(List.of(), objectsOfTheShopIn(karaf.pid()));
    }

    /** Aries takes a resource on the thread that registers it: the first request, which waits for a worker, finds them. */
    @Test
    void workerIsReadyWhenAriesHasTakenItsResources() throws Exception {
        karaf.write(POOL, "workers = 1\nservlets = (bundle=test.slow)\nfeatures = javax-specs\n");
        install("handoff-servlet jaxrs javax-specs");
        karaf.deploy(
                HandlerBundle.build(
                        "test.slow",
                        JaxrsActivator.class,
                        Map.of(
                                "Bundle-Activator",
                                JaxrsActivator.class.getName(),
                                "Require-Capability",
                                "osgi.implementation;filter:=\"(osgi.implementation=osgi.jaxrs)\"")),
                "slow.jar");
        try {
            karaf.await("an answer", () -> {
                Answer answer = karaf.get("/slow/resource");
                assertFalse(answer.text().contains("No service was found"), answer.text());
                return answer.status() == 200 && answer.text().equals("made slowly");
            });
        } finally {
            karaf.undeployAndAwait("slow.jar", "/slow/resource");
        }
    }

    @Test
    void resourcesOfJaxrsAnswerFromEachWorkerOfAPool() throws Exception {
        collectGarbage();
        karaf.write(POOL, "workers = 3\nservlets = (osgi.http.whiteboard.context.name=shop)\nfeatures = javax-specs\n");
        install("handoff-servlet shop-rest");
        karaf.awaitStatus(200, "/shop/products");
        assertNotEquals(karaf.pid(), resources(karaf.httpPort()));
        Set<String> before = new HashSet<>();
        Set<String> since = new HashSet<>();
        askUntil(before, () -> before.size() == 3);
        karaf.shell("worker:recycle shop");
        askUntil(since, () -> {
            since.removeAll(before);
            return since.size() == 3;
        });
        assertEquals(List.of(), objectsOfTheShopIn(karaf.pid()));
    }

    /** Asks for a resource until something holds, and remembers the processes that answer. */
    private void askUntil(Set<String> processes, BooleanSupplier holds) throws IOException {
        List<Http> clients = new ArrayList<>();
        try {
            karaf.await("answers of all workers", () -> {
                // Connections that stay, so that each worker has to take some.
                if (clients.size() < 12) {
                    clients.add(new Http(karaf.httpPort()));
                }
                for (Http client : clients) {
                    client.send("GET /shop/api/products/tea HTTP/1.1\r\nHost: localhost\r\n\r\n");
                }
                for (Http client : clients) {
                    Answer answer = client.receive();
                    assertEquals(200, answer.status(), answer.text());
                    processes.add(answer.field("Shop-Process"));
                }
                return holds.getAsBoolean();
            });
        } finally {
            for (Http client : clients) {
                client.close();
            }
        }
    }

    /** Installs features: of the shop, and what serves the Whiteboard. */
    private void install(String names) throws IOException {
        features = new Features(
                karaf,
                "mvn:org.handoff/shop-feature/" + System.getProperty("handoff.version") + "/xml/features",
                names);
        features.install();
    }

    /** A client finds the products, the terms, and its cart; which process has answered. */
    private static long sells(int port) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(Redirect.NORMAL)
                .build();
        URI shop = URI.create("http://127.0.0.1:" + port + "/shop/");
        HttpRequest.Builder products = HttpRequest.newBuilder(shop.resolve("products"));
        HttpResponse<String> list = client.send(products.build(), BodyHandlers.ofString());
        assertEquals(
                List.of("Welcome to the shop", "mug: Mug, 12.00 EUR", "spoon: Spoon, 3.25 EUR", "tea: Tea, 4.50 EUR"),
                list.body().lines().toList());
        for (String product : List.of("tea", "mug", "nothing")) {
            HttpRequest add = HttpRequest.newBuilder(shop.resolve("cart"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("product=" + product))
                    .build();
            HttpResponse<String> added = client.send(add, BodyHandlers.ofString());
            assertEquals(product.equals("nothing") ? 404 : 200, added.statusCode(), added.body());
        }
        HttpRequest.Builder cart = HttpRequest.newBuilder(shop.resolve("cart"));
        assertEquals(
                List.of("Tea", "Mug", "16.50 EUR"),
                client.send(cart.build(), BodyHandlers.ofString())
                        .body()
                        .lines()
                        .toList());
        assertEquals(
                "All prices are those of the day.\n",
                Http.get(port, "/shop/static/terms.txt").text());
        assertEquals("0 EUR", Http.get(port, "/shop/cart").text().strip(), "the cart of another client");
        return list.headers().firstValueAsLong("Shop-Process").orElseThrow();
    }

    /** A client finds the products as JSON; which process has answered. */
    private static long resources(int port) throws Exception {
        URI api = URI.create("http://127.0.0.1:" + port + "/shop/api/");
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<String> list =
                client.send(HttpRequest.newBuilder(api.resolve("products")).build(), BodyHandlers.ofString());
        assertEquals(
                "application/json", list.headers().firstValue("Content-Type").orElse("none"), list.body());
        assertEquals(
                "[{\"id\":\"mug\",\"name\":\"Mug\",\"price\":12.00},{\"id\":\"spoon\",\"name\":\"Spoon\",\"price\":3.25},"
                        + "{\"id\":\"tea\",\"name\":\"Tea\",\"price\":4.50}]",
                list.body());
        assertEquals(
                "{\"id\":\"tea\",\"name\":\"Tea\",\"price\":4.50}",
                Http.get(port, "/shop/api/products/tea").text());
        assertEquals(404, Http.get(port, "/shop/api/products/nothing").status());
        return list.headers().firstValueAsLong("Shop-Process").orElseThrow();
    }

    /** The classes of the shop of which a JVM has objects. */
    private static List<String> objectsOfTheShopIn(long pid) throws Exception {
        List<String> lines = jcmd(pid, "GC.class_histogram", "-all");
        assertTrue(lines.stream().anyMatch(line -> line.contains("org.handoff.monitor.")), "of Handoff there are");
        return lines.stream()
                .filter(line -> line.contains("org.handoff.examples.shop."))
                .toList();
    }

    /** Objects that the web container has left are no sign of what a pool makes. */
    private void collectGarbage() {
        karaf.await("the end of former objects", () -> {
            jcmd(karaf.pid(), "GC.run");
            return objectsOfTheShopIn(karaf.pid()).isEmpty();
        });
    }

    private static List<String> jcmd(long pid, String... command) throws Exception {
        List<String> all = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid)));
        all.addAll(List.of(command));
        Process jcmd = new ProcessBuilder(all).redirectErrorStream(true).start();
        List<String> lines = jcmd.inputReader().lines().toList();
        assertEquals(0, jcmd.waitFor(), () -> String.join("\n", lines));
        return lines;
    }
}
