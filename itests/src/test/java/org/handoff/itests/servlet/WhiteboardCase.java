package org.handoff.itests.servlet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.Predicate;

import org.handoff.itests.karaf.Http;
import org.handoff.testkit.Client.Answer;

/**
 * A request to servlets, and what of its answer matters.
 *
 * @param method and target, as in the request line
 * @param fields of the header, in lines
 * @param body empty for none
 * @param what the part of the answer that is compared
 * @param specified by the specifications
 * @param inPool that of a pool
 * @param inPaxWeb that of Karaf's Pax Web
 */
record WhiteboardCase(
        String name,
        String method,
        String fields,
        String body,
        Function<Answer, String> what,
        String specified,
        String inPool,
        String inPaxWeb) {

    private WhiteboardCase(
            String name, String method, String fields, String body, Function<Answer, String> what, String specified) {
        this(name, method, fields, body, what, specified, specified, specified);
    }

    static WhiteboardCase get(String name, String target, String expected) {
        return get(name, target, "", expected);
    }

    static WhiteboardCase get(String name, String target, String fields, String expected) {
        return new WhiteboardCase(name, "GET " + target, fields, "", WhiteboardCase::text, expected);
    }

    static WhiteboardCase post(String name, String target, String fields, String body, String expected) {
        return new WhiteboardCase(name, "POST " + target, fields, body, WhiteboardCase::text, expected);
    }

    static WhiteboardCase status(String name, String target, String expected) {
        return statusOf(name, target, "", expected);
    }

    static WhiteboardCase statusOf(String name, String target, String fields, String expected) {
        return new WhiteboardCase(name, "GET " + target, fields, "", answer -> "" + answer.status(), expected);
    }

    static WhiteboardCase field(String name, String target, String field, String expected) {
        return new WhiteboardCase(name, "GET " + target, "", "", answer -> "" + answer.field(field), expected);
    }

    static WhiteboardCase field(String name, String target, String field, Predicate<String> holds) {
        return new WhiteboardCase(
                name, "GET " + target, "", "", answer -> "" + holds.test("" + answer.field(field)), "true");
    }

    /** With the answer of a pool, where it is another one. */
    WhiteboardCase inPool(String other) {
        return new WhiteboardCase(name, method, fields, body, what, specified, other, inPaxWeb);
    }

    /** With the answer of Pax Web, where it is another one. */
    WhiteboardCase inPaxWeb(String other) {
        return new WhiteboardCase(name, method, fields, body, what, specified, inPool, other);
    }

    boolean isDifferent() {
        return !specified.equals(inPool) || !specified.equals(inPaxWeb);
    }

    /** Its line in the guide's table of differences. */
    String row() {
        return "| " + name + " | " + cell(specified) + " | " + cellOf(inPool) + " | " + cellOf(inPaxWeb) + " |";
    }

    private String cellOf(String answer) {
        return answer.equals(specified) ? "as specified" : cell(answer);
    }

    private static String cell(String answer) {
        String text = answer.strip().replace("|", "\\|");
        return text.isEmpty() ? "nothing" : "`" + text + "`";
    }

    static WhiteboardCase statusOfPost(String name, String target, String fields, String body, String expected) {
        return new WhiteboardCase(name, "POST " + target, fields, body, answer -> "" + answer.status(), expected);
    }

    static WhiteboardCase fieldOf(String name, String target, String fields, String field, String expected) {
        return new WhiteboardCase(name, "GET " + target, fields, "", answer -> "" + answer.field(field), expected);
    }

    static WhiteboardCase head(String name, String target, String field, String expected) {
        return new WhiteboardCase(name, "HEAD " + target, "", "", answer -> "" + answer.field(field), expected);
    }

    /** The body, without the number of a process; the status in the place of a server's own page. */
    private static String text(Answer answer) {
        boolean isOfServer = answer.text().startsWith("<html>") || answer.text().equals(answer.status() + "\n");
        return isOfServer ? "status " + answer.status() : answer.text().replaceFirst("\\|\\d+$", "");
    }

    /** Asks a server on a connection of its own. */
    String ask(int port) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (Http http = new Http(port)) {
            http.send(method + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields
                    + (bytes.length == 0 ? "" : "Content-Length: " + bytes.length + "\r\n") + "\r\n");
            http.send(bytes);
            return what.apply(http.answer(method.startsWith("HEAD")));
        }
    }
}
