package org.handoff.lrwp.agent.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;

import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers are told of requests, and how their words come back. */
@Timeout(300)
class VariablesTest {

    private static final String OK = "Content-type: text/plain\n\n";

    private static Server server;

    @BeforeAll
    static void start() {
        server = new Server("document.root", "/srv/pages/");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, String> variables(String name, String request) throws IOException {
        try (TestPeer peer = server.peer(name);
                Client client = server.client()) {
            client.send(request);
            Map<String, String> variables = peer.serve(OK).variables();
            assertEquals(200, client.answer(request.startsWith("HEAD")).status());
            return variables;
        }
    }

    /** RFC 3875, section 4.1.2: if and only if there is one. */
    @Test
    void contentLengthComesWithABodyOnly() throws Exception {
        for (String request : new String[] {"GET", "POST", "HEAD", "DELETE"}) {
            assertFalse(
                    variables("app", request + " /app HTTP/1.1\r\nHost: h\r\n\r\n")
                            .containsKey("CONTENT_LENGTH"),
                    request);
        }
        assertEquals(
                "0",
                variables("app", "POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
                        .get("CONTENT_LENGTH"));
        assertEquals(
                "0",
                variables("app", "POST /app HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + "0\r\n\r\n")
                        .get("CONTENT_LENGTH"));
        assertEquals(
                "2",
                variables("app", "POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")
                        .get("CONTENT_LENGTH"));
    }

    @Test
    void extensionIsAskedForTheDocumentInItsPathInfo() throws Exception {
        Map<String, String> variables = variables(".zz", "GET /a/x.zz?q HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals("/a/x.zz", variables.get("PATH_INFO"));
        assertEquals("/srv/pages/a/x.zz", variables.get("PATH_TRANSLATED"));
        assertEquals("/srv/pages", variables.get("DOCUMENT_ROOT"));
        assertFalse(variables("app", "GET /app HTTP/1.1\r\nHost: h\r\n\r\n").containsKey("PATH_TRANSLATED"));
        assertEquals(
                "/srv/pages/y",
                variables("app", "GET /app/y HTTP/1.1\r\nHost: h\r\n\r\n").get("PATH_TRANSLATED"));
    }

    @Test
    void pathThatIsNoUtf8IsAPathLikeAnyOther() throws Exception {
        assertEquals(
                "/caf\u00E9",
                variables("app", "GET /app/caf%E9 HTTP/1.1\r\nHost: h\r\n\r\n").get("PATH_INFO"));
        assertEquals(
                "/\u00C3\u00A9\u00FF",
                variables("app", "GET /app/%C3%A9%FF HTTP/1.1\r\nHost: h\r\n\r\n")
                        .get("PATH_INFO"));
    }

    /** RFC 9112, section 3.2.2. */
    @Test
    void hostOfAnAbsoluteTargetIsTheOnlyOne() throws Exception {
        Map<String, String> variables = variables("app", "GET http://other:99/app?q HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals("other:99", variables.get("HTTP_HOST"));
        assertEquals("other", variables.get("SERVER_NAME"));
        assertEquals("/app?q", variables.get("REQUEST_URI"));
    }

    @Test
    void serverUrlEndsWithASlash() throws Exception {
        assertEquals(
                "http://h:" + server.monitor.port() + "/",
                variables("app", "GET /app HTTP/1.1\r\nHost: h\r\n\r\n").get("SERVER_URL"));
    }

    @Test
    void wordsBehindAStatusAreThePeersOwn() throws Exception {
        try (TestPeer peer = server.peer("app");
                Client client = server.client()) {
            client.get("/app");
            peer.serve("Status: 418 I am a Teapot\n" + OK);
            assertTrue(client.answer().head().startsWith("HTTP/1.1 418 I am a Teapot\r\n"));
            client.get("/app");
            peer.serve("Status: 404\n" + OK);
            assertTrue(client.answer().head().startsWith("HTTP/1.1 404 Not Found\r\n"));
        }
    }

    /** Xitami looks passwords up by the name in lower case. */
    @Test
    void nameOfAnApplicationWithAPasswordCountsInAnyCase() throws Exception {
        try (Server guarded = new Server("application.Guarded", "secret", "application.*", "*")) {
            for (String name : new String[] {"guarded", "Guarded", "GUARDED"}) {
                try (TestPeer peer = new TestPeer(guarded.agent.port())) {
                    peer.send(name + "\u00FF\u00FF\u00FF");
                    peer.expect("ERROR: connection requires LRWP2 authentication");
                }
            }
            guarded.peer("other").close();
        }
    }
}
