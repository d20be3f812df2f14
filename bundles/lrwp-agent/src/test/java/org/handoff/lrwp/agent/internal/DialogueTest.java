package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.handoff.testkit.Client;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file is a dialogue of a peer, the agent and a client over real sockets, a line each: {@code >} a peer sends,
 * {@code <} the agent answers it, exactly that, {@code answer} is a response with its size; {@code !} a client sends,
 * {@code =} it gets a status and a body. Bytes that are not printable are a backslash with two hexadecimal digits. What
 * the other words do stands in {@link Dialogue#act}.
 */
@Timeout(300)
class DialogueTest {

    static Stream<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/dialogue"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void goesAsWritten(Path file) throws Exception {
        List<String> lines = Files.readAllLines(file);
        List<String> configuration = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("configure ")) {
                configuration.addAll(List.of(line.split(" ", 3)).subList(1, 3));
            }
        }
        try (Server server = new Server(configuration.toArray(String[]::new));
                Dialogue dialogue = new Dialogue(server)) {
            for (String line : lines) {
                int space = line.indexOf(' ');
                dialogue.act(space < 0 ? line : line.substring(0, space), space < 0 ? "" : line.substring(space + 1));
            }
        }
    }

    private static final class Dialogue implements AutoCloseable {

        private final Server server;
        private final List<TestPeer> peers = new ArrayList<>();
        private final StringBuilder environment = new StringBuilder();
        private TestPeer peer;
        private Client client;

        Dialogue(Server server) {
            this.server = server;
        }

        void act(String what, String text) throws IOException {
            switch (what) {
                case "#", "configure" -> {}
                case "peer" -> peers.add(server.peer(text));
                case ">" -> peer().send(bytes(text));
                case "<" -> peer().expect(bytes(text.replace("{environment}", block())));
                case "skip" -> peer().receive(Integer.parseInt(text));
                case "challenge" -> answerChallenge(text);
                case "env" ->
                    environment
                            .append(text.replace("{port}", "" + server.monitor.port()))
                            .append("\\00");
                case "request" -> request(text);
                case "answer" -> peer.answer(bytes(text));
                case "leave" -> peer.close();
                case "closed" -> assertTrue(peer().atEnd(), "the agent has closed the connection");
                case "!" -> client().send(bytes(text));
                case "=" -> assertEquals(bytes(text), answer(client.answer()));
                case "head" -> assertTrue(client.answer(true).head().contains("\r\n" + text + "\r\n"), text);
                case "cut" -> assertThrows(IOException.class, () -> client.answer());
                default -> throw new IllegalArgumentException(what);
            }
        }

        private TestPeer peer() throws IOException {
            if (peer == null) {
                peer = new TestPeer(server.agent.port());
                peers.add(peer);
            }
            return peer;
        }

        private Client client() throws IOException {
            if (client == null) {
                client = server.client();
            }
            return client;
        }

        /** The environment as the lines before have it, with its size. */
        private String block() {
            String block = environment + "\\00";
            return String.format("%09d", bytes(block).length()) + block;
        }

        private void request(String variables) throws IOException {
            Map<String, String> received = peer.request().variables();
            for (String variable : variables.isEmpty() ? new String[0] : variables.split(" ")) {
                String[] pair = variable.split("=", 2);
                assertEquals(pair[1], received.get(pair[0]), pair[0]);
            }
        }

        private void answerChallenge(String password) throws IOException {
            peer.expect("CHALLENGE\u00FF000000032");
            byte[] answer = peer.receive(32).getBytes(ISO_8859_1);
            for (int i = 0; i < answer.length; i++) {
                answer[i] ^= (byte) password.charAt(i % password.length());
            }
            peer.send("000000032" + new String(answer, ISO_8859_1));
        }

        private static String answer(Client.Answer answer) {
            return answer.status() + " " + new String(answer.body(), ISO_8859_1);
        }

        private static String bytes(String text) {
            StringBuilder bytes = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) == '\\') {
                    bytes.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    bytes.append(text.charAt(i));
                }
            }
            return bytes.toString();
        }

        @Override
        public void close() throws IOException {
            for (TestPeer one : peers) {
                one.close();
            }
            if (client != null) {
                client.close();
            }
        }
    }
}
