package org.handoff.itests.lrwp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.handoff.itests.handlers.servlet.TestServlet;
import org.handoff.itests.handlers.servletcontext.ContextServlet;
import org.handoff.itests.handlers.shop.Shop;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.testkit.Await;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our distribution with the LRWP agent, behind the monitor and behind Pax Web, with a heap of 256 MiB. */
class LrwpTest {

    private static final String MONITOR = "etc/org.handoff.monitor.cfg";
    private static final String AGENT = "etc/org.handoff.lrwp.cfg";
    private static final int MIB = 1 << 20;
    private static final long HALF_A_GIB = 512L * MIB;
    /** For so many bytes through a file and a peer: beside thirty other processes they take minutes each way. */
    private static final Duration TRANSFER = Await.DEADLINE.multipliedBy(5);

    private static Karaf karaf;
    private static int peerPort;
    private static int webPort;

    @BeforeAll
    static void start() throws Exception {
        int port = Ports.free();
        peerPort = Ports.free();
        webPort = Ports.free();
        Path heap = Files.writeString(Karaf.FOLDER.resolve("setenv"), "export EXTRA_JAVA_OPTS=-Xmx256m\n");
        karaf = Karaf.start(
                OurKaraf.archive("lrwp-karaf"),
                port,
                editConfigurationFilePut(MONITOR, "address", "127.0.0.1"),
                editConfigurationFilePut(MONITOR, "port", Integer.toString(port)),
                editConfigurationFilePut("etc/org.ops4j.pax.web.cfg", "org.osgi.service.http.port", "" + webPort),
                replaceConfigurationFile("bin/setenv", heap.toFile()));
        karaf.install("handoff-lrwp");
        karaf.await("the agent's configuration", () -> Files.exists(karaf.file(AGENT)));
        karaf.configure("org.handoff.lrwp.cfg", "port", Integer.toString(peerPort));
        karaf.await(
                "the agent to listen", () -> karaf.shell("lrwp:peers").contains("listening on 127.0.0.1:" + peerPort));
    }

    @AfterAll
    static void stop() throws IOException {
        if (karaf != null) {
            karaf.close();
        }
    }

    @Test
    void peerAnswersAndTheShellShowsIt() throws Exception {
        try (LrwpPeer peer = new LrwpPeer(peerPort, "shown")) {
            assertEquals("" + peer.pid(), karaf.get("/shown?pid").text());
            String peers = karaf.shell("lrwp:peers");
            assertTrue(peers.matches("(?s).*/shown +[^a-z]*\\* +[^a-z]*127.0.0.1 +[^a-z]*1.0 +[^a-z]*free.*"), peers);
            karaf.awaitPrinted("lrwp:contexts", "/shown");
            assertTrue(karaf.shell("monitor:contexts").matches("(?s).*/shown.*lrwp.*"));
            karaf.shell("lrwp:off /shown");
            karaf.awaitStatus(404, "/shown");
            karaf.shell("lrwp:on /shown");
            karaf.awaitStatus(200, "/shown");
            String wrong = karaf.shell("lrwp:disconnect 999999");
            assertTrue(wrong.contains("there is no peer 999999"), wrong);
        }
        karaf.awaitStatus(404, "/shown");
    }

    @Test
    void handlerKeepsItsContext() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        try (LrwpPeer peer = new LrwpPeer(peerPort, "hello")) {
            assertTrue(karaf.get("/hello").text().startsWith("Hello from worker process"));
            assertTrue(karaf.shell("lrwp:contexts").contains("pool default serves /hello"));
            karaf.undeploy("hello.jar");
            karaf.await("the peer's turn", () -> karaf.get("/hello?pid").text().equals("" + peer.pid()));
        } finally {
            karaf.undeployAndAwait("hello.jar", "/hello");
        }
    }

    @Test
    void connectionGoesBetweenWorkersAndPeers() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("digest.jar"), "digest.jar", "/digest?bytes=1");
        try (LrwpPeer peer = new LrwpPeer(peerPort, "between");
                Http http = new Http(karaf.httpPort())) {
            for (int i = 0; i < 3; i++) {
                http.send("GET /between?pid HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals("" + peer.pid(), http.receive().text());
                http.send("GET /digest?bytes=3 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(3, http.receive().body().length);
            }
        } finally {
            karaf.undeployAndAwait("digest.jar", "/digest?bytes=1");
        }
    }

    @Test
    void webContainerServesPeersBesideItsServlets() throws Exception {
        karaf.install("handoff-lrwp-http");
        Path servlet = HandlerBundle.build("test.servlet", TestServlet.class);
        karaf.deploy(servlet, "servlet.jar");
        karaf.deploy(HandlerBundle.build("test.context", ContextServlet.class), "context.jar");
        try {
            karaf.await(
                    "the servlet", () -> Http.get(webPort, "/servlet").text().equals("a servlet"));
            karaf.await(
                    "the servlet of a context of its own",
                    () -> Http.get(webPort, "/own/later").text().equals("in its own context, later"));
            int missing = Http.get(webPort, "/app").status();
            assertEquals(404, missing);
            try (LrwpPeer peer = new LrwpPeer(peerPort, "app")) {
                assertEquals("" + peer.pid(), Http.get(webPort, "/app?pid").text());
                assertEquals("a servlet", Http.get(webPort, "/servlet").text());
                assertEquals("a servlet, later", Http.get(webPort, "/later").text());
                assertEquals(
                        "in its own context, later",
                        Http.get(webPort, "/own/later").text());
                assertEquals(
                        "a static resource\n",
                        Http.get(webPort, "/static/static.txt").text());
                assertEquals(418, Http.get(webPort, "/app/below?status=418").status());
                byte[] body = "posted \u0000\u00FF".getBytes(StandardCharsets.ISO_8859_1);
                assertArrayEquals(body, Http.post(webPort, "/app", body).body());
                assertEquals(404, Http.get(webPort, "/appx").status());
                echoesHalfAGib(webPort, "/app");
            }
            karaf.await("the default servlet", () -> Http.get(webPort, "/app").status() == 404);
            assertEquals("a servlet", Http.get(webPort, "/servlet").text());
        } finally {
            karaf.undeploy("servlet.jar");
            karaf.undeploy("context.jar");
            karaf.shell("feature:uninstall handoff-lrwp-http");
        }
    }

    @Test
    void webApplicationComesBeforePeersInItsOwnContext() throws Exception {
        karaf.install("handoff-lrwp-http");
        karaf.shell("bundle:install -s "
                + Karaf.UNDER_TEST.resolve("extender-war.jar").toUri());
        try (LrwpPeer shop = new LrwpPeer(peerPort, "shop");
                LrwpPeer other = new LrwpPeer(peerPort, "other")) {
            karaf.await(
                    "the peer", () -> Http.get(webPort, "/shop/a?pid").text().equals("" + shop.pid()));
            karaf.deploy(HandlerBundle.build("test.shop", Shop.class, "Web-ContextPath", "/shop"), "shop.jar");
            karaf.await(
                    "the web application",
                    () -> Http.get(webPort, "/shop/a?pid").text().equals("the shop"));
            assertEquals("" + other.pid(), Http.get(webPort, "/other?pid").text());
            assertEquals("" + shop.pid(), karaf.get("/shop/a?pid").text(), "behind the monitor");
            karaf.await(
                    "its name",
                    () -> karaf.shell("lrwp:contexts")
                            .contains("in the web container the web application test.shop serves /shop"));
            karaf.undeploy("shop.jar");
            karaf.await(
                    "the peer's turn",
                    () -> Http.get(webPort, "/shop/a?pid").text().equals("" + shop.pid()));
            karaf.await(
                    "the end of its name", () -> !karaf.shell("lrwp:contexts").contains("test.shop"));
        } finally {
            karaf.undeploy("shop.jar");
            karaf.shell("bundle:uninstall org.ops4j.pax.web.pax-web-extender-war");
            karaf.shell("feature:uninstall handoff-lrwp-http");
        }
    }

    @Test
    void carriesHalfAGibBothWays() throws Exception {
        assertTrue(Files.readString(Path.of("/proc", Long.toString(karaf.pid()), "cmdline"))
                .contains("-Xmx256m"));
        try (LrwpPeer peer = new LrwpPeer(peerPort, "large")) {
            echoesHalfAGib(karaf.httpPort(), "/large");
            assertEquals("" + peer.pid(), karaf.get("/large?pid").text());
        }
    }

    private static void echoesHalfAGib(int port, String context) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            // The response begins when the peer has all of the request.
            socket.setSoTimeout((int) TRANSFER.toMillis());
            MessageDigest sent = MessageDigest.getInstance("SHA-256");
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(socket, context, sent));
            InputStream in = new BufferedInputStream(socket.getInputStream(), MIB);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                assertFalse(b < 0, "the connection ended after: " + head);
                head.append((char) b);
            }
            sending.get(TRANSFER.toSeconds(), TimeUnit.SECONDS);
            assertTrue(head.toString().startsWith("HTTP/1.1 200"), head.toString());
            assertTrue(head.toString().toLowerCase().contains("content-length: " + HALF_A_GIB), head.toString());
            MessageDigest received = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[MIB];
            for (long left = HALF_A_GIB; left > 0; ) {
                int got = in.read(piece, 0, (int) Math.min(left, piece.length));
                assertFalse(got < 0, left + " bytes are missing");
                received.update(piece, 0, got);
                left -= got;
            }
            assertArrayEquals(sent.digest(), received.digest());
        }
    }

    private static void send(Socket socket, String context, MessageDigest digest) {
        try {
            socket.getOutputStream()
                    .write(("POST " + context + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + HALF_A_GIB
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            byte[] piece = new byte[MIB];
            for (int i = 0; i < HALF_A_GIB / MIB; i++) {
                piece[i] = (byte) ~i;
                socket.getOutputStream().write(piece);
                digest.update(piece);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
