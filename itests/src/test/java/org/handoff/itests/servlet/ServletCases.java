package org.handoff.itests.servlet;

import static org.handoff.itests.servlet.WhiteboardCase.field;
import static org.handoff.itests.servlet.WhiteboardCase.get;
import static org.handoff.itests.servlet.WhiteboardCase.head;
import static org.handoff.itests.servlet.WhiteboardCase.post;
import static org.handoff.itests.servlet.WhiteboardCase.status;
import static org.handoff.itests.servlet.WhiteboardCase.statusOf;

import java.util.ArrayList;
import java.util.List;

/** Questions about the servlet API, to the servlets of {@code handlers.web}. */
final class ServletCases {

    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String BOUNDARY = "Content-Type: multipart/form-data; boundary=x\r\n";
    private static final String PARTS = "--x\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n"
            + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
            + "Content-Type: text/plain\r\n\r\ncontent\r\n--x--\r\n";

    private ServletCases() {}

    /** All of them. */
    static List<WhiteboardCase> all() {
        List<WhiteboardCase> all = new ArrayList<>();
        all.add(get(
                "prefix pattern", "/web/paths/a%20b/c?x=y", "/web|/paths|/a b/c|/web/paths/a%20b/c|x=y|blue|hello"));
        all.add(get("prefix pattern alone", "/web/paths", "/web|/paths|null|/web/paths|null|blue|hello"));
        all.add(get("prefix pattern with a slash", "/web/paths/", "/web|/paths|/|/web/paths/|null|blue|hello"));
        all.add(get("exact pattern", "/web-exact", "|/web-exact|null"));
        all.add(get("extension pattern", "/a/b.webdo", "|/a/b.webdo|null"));
        all.add(get("servlet by code", "/web/code", "by code /code"));
        all.add(status("no such servlet", "/web/nobody", "404"));
        all.add(get("mapping", "/web/do/mapping", "PATH /do/* mapping").inPaxWeb("null  "));
        all.add(get("parameters of a query", "/web/do/parameters?a=1&b=%C3%A4&a=2+3", "a=[1, 2 3] b=[ä]"));
        all.add(post("parameters of a form", "/web/do/parameters?a=1", FORM, "a=2&b=%C3%A4", "a=[1, 2] b=[ä]"));
        all.add(post("parameters in Latin 1", "/web/do/latin", FORM, "b=%E4", "b=[ä]"));
        all.add(post("body", "/web/do/body", "Content-Type: text/plain\r\n", "words", "words"));
        all.add(post("reader", "/web/do/reader", "Content-Type: text/plain\r\n", "words\nmore", "words"));
        all.add(get(
                "header fields",
                "/web/do/headers",
                "X-Many: one\r\nX-Many: two\r\nX-Int: 7\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT\r\n",
                "[one, two] 7 -1 1000"));
        all.add(statusOf("header field that is no number", "/web/do/int", "X-Many: one\r\n", "500"));
        all.add(get("locales", "/web/do/locales", "Accept-Language: de;q=0.5, en-GB\r\n", "[en_GB, de]"));
        all.add(get("cookies", "/web/do/cookies", "Cookie: a=b; c=d\r\n", "a=b"));
        all.add(field(
                "cookie of an answer",
                "/web/do/cookies",
                "Set-Cookie",
                answer -> answer.startsWith("answered=yes")
                        && answer.contains("Path=/web")
                        && answer.contains("Max-Age=60")
                        && answer.contains("HttpOnly")));
        all.add(get("server", "/web/do/server", "http HTTP/1.1 false 127.0.0.1 REQUEST"));
        all.add(get("context", "/web/do/context", "/web web 4 null yes").inPaxWeb("/web web 3 text/html yes"));
        all.add(get("user", "/web/do/user", "null null false"));
        all.add(field("charset by default", "/web/do/latin-writer", "Content-Type", "text/html;charset=utf-8"));
        all.add(get("writer in UTF-8", "/web/do/utf-writer", "ä"));
        all.add(field("charset", "/web/do/utf-writer", "Content-Type", "text/html;charset=utf-8"));
        all.add(get("flush", "/web/do/flush", "firsttrue"));
        all.add(field("header field after a flush", "/web/do/flush", "X-Late", "null"));
        all.add(field("content length", "/web/do/length", "Content-Length", "3"));
        all.add(field("content length of what was written", "/web/do/both", "Content-Length", "21"));
        all.add(get("reset", "/web/do/reset", "200false"));
        all.add(get("header fields of an answer", "/web/do/header", "[one, two]"));
        all.add(field("date", "/web/do/header", "Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"));
        all.add(field("language", "/web/do/header", "Content-Language", "de-DE"));
        all.add(field("redirection", "/web/do/redirect", "Location", "/web/elsewhere?a=b")
                .inPaxWeb("http://localhost/web/elsewhere?a=b"));
        all.add(get("writer and stream", "/web/do/both", "IllegalStateException"));
        all.add(get("error page of a status", "/web/do/error", "page for 418 a teapot /web/do/error "));
        all.add(status("status of an error page", "/web/do/error", "418"));
        all.add(status("error without a page", "/web/do/gone", "410"));
        all.add(get(
                        "error page of an exception",
                        "/web/do/throw",
                        "page for 500 thrown /web/do/throw IllegalStateException")
                .inPaxWeb("page for 500 java.lang.IllegalStateException: thrown /web/do/throw IllegalStateException"));
        all.add(status("exception without a page", "/web/do/servlet-exception", "500"));
        all.add(post(
                "parts",
                "/web/do/parts",
                BOUNDARY,
                PARTS,
                "field null null value|file a.txt text/plain content|value"));
        all.add(get("forward", "/web/do/forward?x=1", "/web|/paths|/forwarded|/web/paths/forwarded|y=z|blue|hello")
                .inPaxWeb("/web|/paths|/forwarded|/web/paths/forwarded|y=z&x=1|blue|hello"));
        all.add(get("parameters of a forward", "/web/do/forward-parameters?a=1", "a=[2, 1] b=[3]"));
        all.add(get("class loader of the context", "/web/do/loader", "true"));
        all.add(get(
                "forward's attributes",
                "/web/do/forward-attributes",
                "FORWARD /web/do/forward-attributes /forward-attributes"));
        all.add(get("include", "/web/do/include", "<by code /do>"));
        all.add(get("named dispatcher", "/web/do/named", "/web||null|null|null|blue|hello")
                .inPaxWeb("/web|/do|/named|/web/do/named|null|blue|hello"));
        all.add(get("no dispatcher", "/web/do/no-dispatcher", "true true").inPaxWeb("false true"));
        all.add(get("later", "/web/do/later", "later"));
        all.add(get("dispatch", "/web/do/dispatch", "dispatched attribute"));
        all.add(get("stream", "/web/do/stream", "piece0piece1piece2"));
        all.add(status("time of an asynchronous answer", "/web/do/timeout", "500"));
        all.add(get("resource of a context", "/web/do/resource", "true null"));
        all.add(get("filters in order", "/web/do/filters", "abc").inPaxWeb("a"));
        all.add(get("listener of requests", "/web/do/seen", "by the listener"));
        all.add(get("static resource", "/web/files/page.txt", "a page\n"));
        all.add(field("type of a static resource", "/web/files/page.txt", "Content-Type", "text/plain"));
        all.add(status("no such resource", "/web/files/none.txt", "404"));
        all.add(status("context that refuses", "/web/guarded/inside", "401").inPaxWeb("403"));
        all.add(get("context that lets in", "/web/guarded/inside", "X-Who: friend\r\n", "inside friend"));
        all.add(head("head", "/web/do/length", "Content-Length", "3"));
        return all;
    }
}
