package org.handoff.itests.servlet;

import static org.handoff.itests.servlet.WhiteboardCase.field;
import static org.handoff.itests.servlet.WhiteboardCase.fieldOf;
import static org.handoff.itests.servlet.WhiteboardCase.get;
import static org.handoff.itests.servlet.WhiteboardCase.head;
import static org.handoff.itests.servlet.WhiteboardCase.post;
import static org.handoff.itests.servlet.WhiteboardCase.status;
import static org.handoff.itests.servlet.WhiteboardCase.statusOf;
import static org.handoff.itests.servlet.WhiteboardCase.statusOfPost;

import java.util.ArrayList;
import java.util.List;

/**
 * Questions about the Whiteboard specification (OSGi Compendium 8, chapter 140), to the services of
 * {@code handlers.specified}. docs/whiteboard.md says which tests of the OSGi compliance tests, and of Apache Felix HTTP,
 * each of them stands for.
 */
final class SpecifiedCases {

    private static final String AT = "/specified/";
    private static final String SCENARIO = AT + "scenarios/";
    private static final String BOUNDARY = "Content-Type: multipart/form-data; boundary=x\r\n";

    private SpecifiedCases() {}

    /** All of them, in the order in which they are asked: some answers are of what the ones before have done. */
    static List<WhiteboardCase> all() {
        List<WhiteboardCase> all = new ArrayList<>();
        contexts(all);
        security(all);
        servlets(all);
        servletProperties(all);
        multipart(all);
        errorPages(all);
        filters(all);
        dispatchers(all);
        resources(all);
        listeners(all);
        preprocessors(all);
        runtime(all);
        scenarios(all);
        return all.stream().map(PaxWebAnswers::of).toList();
    }

    private static void contexts(List<WhiteboardCase> all) {
        all.add(get("140.2 longer context first", AT + "long/er/test", "longer"));
        all.add(get("140.2 longer context first, with a pattern", AT + "long/er/below/servlet", "longer below"));
        all.add(get("140.2 shorter context where the longer has nothing", AT + "long/er/only", "shorter only"));
        all.add(get("140.2 contexts of one path by ranking", AT + "path/both", "path-high"));
        all.add(get("140.2 second context of a path", AT + "path/path-low", "path-low"));
        all.add(get("140.2 context of a name by ranking", AT + "twice-high/a", "/specified/twice-high|/a|null"));
        all.add(status("140.2 shadowed context of a name", AT + "twice-low/a", "404"));
        all.add(get("140.2 default context", "/specified-default", "true |/specified-default"));
        all.add(get(
                "140.2 parameters of a context", AT + "context/parameters", "value null context /specified/context"));
        all.add(get("140.2 attribute of a context", AT + "context/attributes?set=here", "here"));
        all.add(get("140.2 attribute of a context later", AT + "context/attributes", "here"));
        all.add(get("140.2 attribute of another context", AT + "context-other/attributes", "null"));
        all.add(get(
                "140.2 resources of a context",
                AT + "context-own/resources",
                "true [/one, /two] text/x-own /real/any"));
    }

    private static void security(List<WhiteboardCase> all) {
        all.add(status("140.2.5 context that refuses", AT + "secured/servlet", "403"));
        all.add(get("140.2.5 calls of it", AT + "calls/calls", ""));
        all.add(get("140.2.5 user and type", AT + "secured/servlet?auth=1", "user own"));
        all.add(get("140.2.5 calls of one that lets in", AT + "calls/calls", "handle servlet finish"));
        all.add(get("140.2.5 forward within", AT + "secured/servlet?auth=1&does=forward", "user own"));
        all.add(get("140.2.5 calls of a forward", AT + "calls/calls", "handle servlet handle servlet finish finish"));
        all.add(get("140.2.5 include within", AT + "secured/servlet?auth=1&does=include", "user own"));
        all.add(get("140.2.5 calls of an include", AT + "calls/calls", "handle servlet handle servlet finish finish"));
        all.add(status("140.2.5 fault within", AT + "secured/servlet?auth=1&does=throw", "500"));
        all.add(get("140.2.5 calls of a fault", AT + "calls/calls", "handle servlet finish"));
    }

    private static void servlets(List<WhiteboardCase> all) {
        all.add(get("140.4 first of two patterns", AT + "patterns/a", "/specified/patterns|/a|null"));
        all.add(get("140.4 second of two patterns", AT + "patterns/b", "/specified/patterns|/b|null"));
        all.add(get("140.4 pattern of several segments", AT + "patterns/fee/fi/foo/fum", "fum"));
        all.add(get("140.4 pattern /*", AT + "all/some/path/b.html", "/specified/all||/some/path/b.html"));
        all.add(get("140.4 pattern /* at the root", AT + "all/", "/specified/all||/"));
        all.add(get("140.4 extension", AT + "extension/a.html", "/specified/extension|/a.html|null"));
        all.add(get("140.4 extension below", AT + "extension/b/a.html", "/specified/extension|/b/a.html|null"));
        all.add(status("140.4 another extension", AT + "extension/a.xhtml", "404"));
        all.add(get("140.4 empty pattern", AT + "root/", "/specified/root||/"));
        all.add(status("140.4 empty pattern elsewhere", AT + "root/some/a.xhtml", "404"));
        all.add(get("140.4 pattern /", AT + "fallback/some/a.xhtml", "/specified/fallback|/some/a.xhtml|null"));
        all.add(get("140.4 empty pattern and /, at the root", AT + "both/", "both"));
        all.add(get("140.4 empty pattern and /, elsewhere", AT + "both/a", "both"));
        all.add(get("140.4 exact before prefix", AT + "precedence/x/y/z.html", "exact"));
        all.add(get("140.4 longer prefix before shorter", AT + "precedence/x/y/a.html", "longer"));
        all.add(get("140.4 prefix before extension", AT + "precedence/x/a.html", "prefix"));
        all.add(get("140.4 extension before /", AT + "precedence/a.html", "extension"));
        all.add(get("140.4 pattern / last", AT + "precedence/a", "fallback"));
        all.add(get("140.4 first registered of one pattern", AT + "ranking/same", "first"));
        all.add(get("140.4 higher ranked of one pattern", AT + "ranking/ranked", "high"));
        all.add(get("140.4 pattern that a higher ranked shares", AT + "ranking/foo", "higher"));
        all.add(get("140.4 pattern of the higher ranked alone", AT + "ranking/baz", "higher"));
        all.add(get("140.4 pattern of the lower ranked alone", AT + "ranking/bar", "lower"));
        all.add(get("140.4 one context of a servlet for two", AT + "one/each", "/specified/one|/each|null"));
        all.add(get("140.4 other context of a servlet for two", AT + "two/each", "/specified/two|/each|null"));
    }

    private static void servletProperties(List<WhiteboardCase> all) {
        all.add(get(
                "140.4 name by default",
                AT + "names/unnamed",
                "org.handoff.itests.handlers.specified.ServletServices$Unnamed"));
        all.add(get("140.4 servlet with a name only", AT + "names/by-name", "named only"));
        all.add(get("140.4 initial parameters", AT + "parameters/p", "value null [text]"));
        all.add(get("140.4 asyncSupported not set", AT + "async/none", "false"));
        all.add(get("140.4 asyncSupported true as a text", AT + "async/true", "true"));
        all.add(get("140.4 asyncSupported false as a text", AT + "async/false", "false"));
        all.add(get("140.4 asyncSupported another text", AT + "async/word", "false"));
        all.add(get("140.4 asyncSupported a number", AT + "async/number", "false"));
        all.add(get("140.4 asynchronous answer", AT + "async/later", "later"));
        all.add(status("140.4 asynchronous answer of one that may not", AT + "async/refused", "500"));
        all.add(get("140.4 target that matches", AT + "targets/here", "here"));
        all.add(status("140.4 target that does not match", AT + "targets/other", "404"));
    }

    private static String part(int length) {
        return "--x\r\nContent-Disposition: form-data; name=\"text\"; filename=\"a.txt\"\r\n"
                + "Content-Type: text/plain\r\n\r\n" + "a".repeat(length) + "\r\n--x--\r\n";
    }

    private static void multipart(List<WhiteboardCase> all) {
        all.add(post("140.4.2 part", AT + "multipart/parts", BOUNDARY, part(500), "text 500"));
        all.add(statusOfPost("140.4.2 status after parts", AT + "multipart/parts", BOUNDARY, part(500), "201"));
        all.add(statusOfPost("140.4.2 part too large", AT + "multipart/parts", BOUNDARY, part(2048), "500"));
        all.add(post("140.4.2 part in a file", AT + "multipart/all", BOUNDARY, part(500), "text 500"));
        all.add(statusOfPost("140.4.2 request too large", AT + "multipart/all", BOUNDARY, part(2048), "500"));
        all.add(statusOfPost("140.4.2 parts not enabled", AT + "multipart/disabled", BOUNDARY, part(500), "500"));
    }

    private static void errorPages(List<WhiteboardCase> all) {
        all.add(get("140.4.1 page of a status", AT + "errors/502", "502 message fails 502 ERROR"));
        all.add(status("140.4.1 status of a page", AT + "errors/502", "502"));
        all.add(get("140.4.1 page of 4xx", AT + "errors/403", "4xx message fails 403 ERROR"));
        all.add(status("140.4.1 status of a page of 4xx", AT + "errors/403", "403"));
        all.add(get("140.4.1 page of a status before 4xx", AT + "errors/404", "404 message fails 404 ERROR"));
        all.add(get("140.4.1 page of 5xx", AT + "errors/503", "5xx message fails 503 ERROR"));
        all.add(get(
                "140.4.1 page of a super class",
                AT + "errors/own",
                "class org.handoff.itests.handlers.specified.ErrorServices$OwnException"));
        all.add(status("140.4.1 status of a page of a class", AT + "errors/own", "500"));
        all.add(get("140.4.1 page of a class before 500", AT + "errors/runtime", "runtime thrown runtime ERROR"));
        all.add(status("140.4.1 page that fails", AT + "errors/501", "501"));
        all.add(get("140.4.1 page at a pattern too", AT + "errors/page", "at a pattern null null REQUEST"));
        all.add(get("140.4.1 page of the own context", AT + "errors-one/fails", "of its own"));
        all.add(status("140.4.1 no page in the own context", AT + "errors-none/fails", "501"));
    }

    private static void filters(List<WhiteboardCase> all) {
        for (String[] kind : new String[][] {{"order", "/", "/x"}, {"order-extension", "/x.", ""}}) {
            String where = AT + kind[0] + kind[1];
            String by = kind[0].equals("order") ? "path" : "extension";
            all.add(get("140.5 filter by " + by, where + "one" + kind[2], "bab"));
            all.add(get("140.5 two filters by " + by, where + "two" + kind[2], "bcacb"));
            all.add(get("140.5 three filters by " + by, where + "three" + kind[2], "bcdadcb"));
            all.add(get("140.5 ranked filters by " + by, where + "ranked" + kind[2], "ebcfafcbe"));
        }
        all.add(get("140.5 filter /*", AT + "filter-all/some/b.html", "bab"));
        all.add(get("140.5 filter /* at the root", AT + "filter-all/", "bab"));
        all.add(get("140.5 filter of the root elsewhere", AT + "filter-root/a", "a"));
        all.add(get("140.5 filter of the root", AT + "filter-root/", "bab"));
        all.add(get("140.5 filter of an extension", AT + "filter-extension/some/b.html", "bab"));
        all.add(get("140.5 filter of an extension elsewhere", AT + "filter-extension/a", "a"));
        all.add(get("140.5 filter by a regular expression", AT + "filter-other/ab", "rar"));
        all.add(get("140.5 filter by a regular expression elsewhere", AT + "filter-other/a", "a"));
        all.add(get("140.5 filter by several regular expressions", AT + "filter-other/c", "mam"));
        all.add(status("140.5 filter that refuses", AT + "filter-other/closed/x", "403"));
        all.add(get("140.5 name and parameters of a filter", AT + "filter-names/named", "its name value null a"));
        all.add(get(
                "140.5 name of a filter by default",
                AT + "filter-names/unnamed",
                "org.handoff.itests.handlers.specified.FilterServices$Named null null a"));
        all.add(get("140.5 servlet that a filter does not name", AT + "filter-names/neither", "a"));
        all.add(get("140.5 filter with asyncSupported", AT + "filter-async/with", "btrueb"));
        all.add(get("140.5 filter without asyncSupported", AT + "filter-async/without", "bfalseb")
                .inPool("btrueb"));
        all.add(get("140.5 filter with a number as asyncSupported", AT + "filter-async/number", "bfalseb")
                .inPool("btrueb"));
    }

    private static void dispatchers(List<WhiteboardCase> all) {
        for (String kind : List.of("request", "forward", "include", "async")) {
            String at = AT + "dispatchers/";
            String name = "140.5 filter of " + kind;
            all.add(get(name + ", a request", at + kind, kind.equals("request") ? "bab" : "a"));
            all.add(get(name + ", a forward", at + "by-forward/" + kind, kind.equals("forward") ? "bab" : "a"));
            all.add(get(name + ", an include", at + "by-include/" + kind, kind.equals("include") ? "bab" : "a"));
            all.add(get(name + ", a dispatch", at + "by-async/" + kind, kind.equals("async") ? "bab" : "a"));
        }
        all.add(get("140.5 filter of an error page", AT + "dispatchers/error", "bpageb"));
        all.add(get("140.5 filter of two kinds, a request", AT + "dispatchers/both", "bab"));
        all.add(get("140.5 filter of two kinds, a forward", AT + "dispatchers/to-both", "bab"));
        all.add(get("140.5 filter of two kinds, an include", AT + "dispatchers/with-both", "a"));
    }

    private static void resources(List<WhiteboardCase> all) {
        all.add(get("140.6 file of a folder", AT + "resources/files/page.txt", "a page\n"));
        all.add(status("140.6 no such file", AT + "resources/files/none.txt", "404"));
        all.add(get("140.6 one file", AT + "resources/exact", "a page\n"));
        all.add(get("140.6 two patterns of a file", AT + "resources/y", "a page\n"));
        all.add(status("140.6 pattern without prefix", AT + "resources/without-prefix/page.txt", "404"));
        all.add(status("140.6 target that does not match", AT + "resources/other-target/page.txt", "404"));
        all.add(get("140.6 servlet before a resource", AT + "resources/shadowed/page.txt", "servlet"));
        all.add(get("140.6 higher ranked resource", AT + "resources/ranked/page.txt", "a page\n"));
        all.add(field("140.6 filter of a resource", AT + "resources/files/page.txt", "X-Filtered", "yes"));
        all.add(field("140.6 type of a file", AT + "resources/files/page.txt", "Content-Type", "text/plain"));
        all.add(head("140.6 length of a file", AT + "resources/files/page.txt", "Content-Length", "7")
                .inPool("null"));
        all.add(statusOf(
                "140.6 unchanged file",
                AT + "resources/files/page.txt",
                "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n",
                "304"));
        all.add(get("140.6 file from the context", AT + "resources-elsewhere/page.txt", "a page\n"));
        all.add(field(
                "140.6 type from the context", AT + "resources-elsewhere/page.txt", "Content-Type", "text/x-own"));
        all.add(status("140.6 context that refuses", AT + "resources-closed/page.txt", "403"));
    }

    private static void listeners(List<WhiteboardCase> all) {
        all.add(heard(all, "of-context", "140.7 listener of a context", "initialized /specified/of-context"));
        all.add(get("140.7 listener of a context before its servlets", AT + "before/servlet", "the listener"));
        all.add(heard(
                all,
                "of-context-attributes",
                "140.7 listener of attributes of a context",
                "added a=1, replaced a=1, removed a=2"));
        all.add(heard(
                all,
                "of-requests",
                "140.7 listener of requests",
                "initialized /specified/of-requests/do, destroyed /specified/of-requests/do"));
        all.add(heard(
                all,
                "of-request-attributes",
                "140.7 listener of attributes of a request",
                "added a=1, replaced a=1, removed a=2"));
        all.add(heard(all, "of-sessions", "140.7 listener of sessions", "created, destroyed"));
        all.add(heard(
                all,
                "of-session-attributes",
                "140.7 listener of attributes of a session",
                "added a=1, replaced a=1, removed a=2"));
        all.add(heard(all, "of-session-ids", "140.7 listener of ids of sessions", "changed true"));
    }

    /** Something happens first, and then the question is what a listener has heard. */
    private static WhiteboardCase heard(List<WhiteboardCase> all, String where, String name, String expected) {
        all.add(get(name + ", which happens", AT + where + "/do", "done"));
        return get(name, AT + "heard/heard?of=" + where, expected);
    }

    private static void preprocessors(List<WhiteboardCase> all) {
        String asks = "X-Preprocess: yes\r\n";
        all.add(fieldOf("140.8 preprocessors in order", AT + "patterns/a", asks, "X-Order", "abcd"));
        all.add(fieldOf("140.8 preprocessors of no servlet", AT + "extension/none", asks, "X-Order", "abcd"));
        all.add(statusOf("140.8 status of no servlet behind preprocessors", AT + "extension/none", asks, "404"));
        all.add(fieldOf("140.8 parameters of a preprocessor", AT + "patterns/a", asks, "X-Parameters", "value null"));
    }

    private static void runtime(List<WhiteboardCase> all) {
        String at = AT + "runtime/";
        all.add(get("140.9 one runtime", at + "services", "1"));
        all.add(get("140.9 endpoint with a slash", at + "endpoint", "true"));
        all.add(get("140.9 count of changes", at + "changecount", "true"));
        all.add(get("140.9 id of the HttpService", at + "id", "true"));
        all.add(get("140.9 default context", at + "default", "[bundle]"));
        all.add(get(
                        "140.9 services of a context",
                        at + "context?of=resources",
                        "/specified/resources servlets 1 resources 4 filters 1 pages 0 listeners 0")
                .inPool("/specified/resources servlets 1 resources 4 filters 2 pages 0 listeners 0"));
        all.add(get(
                        "140.9 listener of a context",
                        at + "context?of=of-requests",
                        "/specified/of-requests servlets 1 resources 0 filters 0 pages 0 listeners 1")
                .inPool("/specified/of-requests servlets 1 resources 0 filters 1 pages 0 listeners 1"));
        all.add(get(
                        "140.9 error pages of a context",
                        at + "context?of=errors-one",
                        "/specified/errors-one servlets 2 resources 0 filters 0 pages 1 listeners 0")
                .inPool("/specified/errors-one servlets 2 resources 0 filters 1 pages 1 listeners 0"));
        all.add(get(
                "140.9 what is not used",
                at + "failed?of=first,second,low,high,page%20shadowed,page%20404,page%204xx",
                "low 3, low 3, page shadowed 3, second 3"));
        all.add(get("140.9 servlet of a path", at + "request?of=/specified/resources/shadowed/a", "first null "));
        all.add(get("140.9 resource of a path", at + "request?of=/specified/resources/files/a", "null /files/* marks")
                .inPool("null /files/* "));
        all.add(get("140.9 filters of a path", at + "request?of=/specified/order/three/x", "a null b,c,d")
                .inPool("a null "));
        all.add(get(
                "140.9 no filter of another kind", at + "request?of=/specified/dispatchers/include", "INCLUDE null "));
        all.add(get("140.9 answers are copies", at + "copies?of=errors-one", "true"));
        all.add(get("140.11 capabilities", at + "capabilities", "true true"));
    }

    private static void scenarios(List<WhiteboardCase> all) {
        scenario(all, "servlet", "140.4 life of a servlet", "init, destroy");
        scenario(all, "changed-servlet", "140.4 servlet with changed properties", "init, destroy, init, destroy");
        scenario(all, "factory", "140.4 factory of servlets", "get, init, destroy, unget");
        scenario(all, "init-fails", "140.4 servlet that fails at first", "failed 4, used in default");
        scenario(all, "destroy-fails", "140.4 servlet that fails at last", "used in default, used in default");
        scenario(all, "kinds", "140.4 name, error page or pattern", USED + ", " + USED + ", " + USED + ", ignored");
        scenario(all, "invalid-servlets", "140.4 invalid servlets", "failed 6, failed 6");
        scenario(
                all,
                "shadowed",
                "140.4 servlet behind a higher ranked one",
                USED + ", failed 3, " + USED + ", failed 3");
        scenario(all, "target", "140.4 target that changes", "ignored, " + USED);
        scenario(all, "not-gettable", "140.4 servlet that nobody makes", "failed 5");
        scenario(all, "http-service", "140.4 pattern in the context of the HttpService", "failed 6, failed 6");
        scenario(all, "no-context", "140.3 context that comes and goes", "failed 1, used in dynamic, failed 1");
        scenario(all, "same-context", "140.3 two contexts of a name", "context dynamic, failed 3, context dynamic");
        String another = USED + ", context default, ";
        all.add(get("140.3 another default context", SCENARIO + "default-context", another + USED)
                .inPool(another + "failed 1"));
        scenario(all, "invalid-contexts", "140.3 invalid contexts", "failed 6, failed 6, failed 6, failed 6, failed 6");
        scenario(all, "filter", "140.5 life of a filter", "init, destroy");
        scenario(all, "filter-init-fails", "140.5 filter that fails at first", "failed 4");
        scenario(all, "invalid-filter", "140.5 invalid filter", "failed 6");
        scenario(all, "invalid-resources", "140.6 invalid resources", "failed 6, failed 6, failed 6");
        scenario(all, "incomplete-resources", "140.6 incomplete resources", "ignored, ignored");
        scenario(all, "listener", "140.7 listener that is none any more", "initialized, destroyed");
        scenario(all, "invalid-listeners", "140.7 invalid listeners", "failed 6, failed 6");
        scenario(all, "preprocessor", "140.8 preprocessor among the services", "preprocessor");
    }

    private static final String USED = "used in default";

    private static void scenario(List<WhiteboardCase> all, String scenario, String name, String expected) {
        all.add(get(name, SCENARIO + scenario, expected));
    }
}
