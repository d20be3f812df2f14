package org.handoff.itests.servlet;

import java.util.HashMap;
import java.util.Map;

/** What Karaf's Pax Web answers to {@link SpecifiedCases} otherwise than specified. */
final class PaxWebAnswers {

    private static final Map<String, String> ALL = new HashMap<>();

    static {
        ALL.put("140.2 shorter context where the longer has nothing", "status 404");
        ALL.put("140.2 contexts of one path by ranking", "path-low");
        ALL.put("140.2.5 calls of it", "finish");
        ALL.put("140.4 empty pattern", "/specified/root|/|null");
        ALL.put("140.4 empty pattern elsewhere", "200");
        ALL.put("140.4 empty pattern and /, at the root", "status 404");
        ALL.put("140.4 empty pattern and /, elsewhere", "status 404");
        ALL.put("140.4 pattern of the lower ranked alone", "status 404");
        ALL.put("140.4 name by default", "javax.servlet.Servlet");
        ALL.put("140.4 servlet with a name only", "status 500");
        ALL.put("140.4 target that does not match", "200");
        ALL.put("140.4.1 page of 5xx", "status 503");
        ALL.put("140.4.1 page of a super class", "class javax.servlet.ServletException");
        ALL.put(
                "140.4.1 page of a class before 500",
                "runtime java.lang.IllegalArgumentException: thrown runtime ERROR");
        ALL.put("140.5 filter by a regular expression", "tat");
        ALL.put("140.5 filter by a regular expression elsewhere", "tat");
        ALL.put("140.5 filter by several regular expressions", "tat");
        ALL.put("140.5 name of a filter by default", "javax.servlet.Filter null null a");
        ALL.put("140.6 one file", "status 404");
        ALL.put("140.6 two patterns of a file", "status 404");
        ALL.put("140.6 target that does not match", "200");
        ALL.put("140.6 type from the context", "text/plain");
        ALL.put(
                "140.7 listener of a context",
                "initialized /specified/of-context, initialized /specified/of-context/do, destroyed /specified/of-context/do");
        ALL.put(
                "140.7 listener of attributes of a context",
                "initialized /specified/of-context-attributes, initialized /specified/of-context-attributes/do, added a=1, replaced a=1, removed a=2, destroyed /specified/of-context-attributes/do");
        ALL.put(
                "140.7 listener of requests",
                "initialized /specified/of-requests, initialized /specified/of-requests/do, destroyed /specified/of-requests/do");
        ALL.put(
                "140.7 listener of attributes of a request",
                "initialized /specified/of-request-attributes, initialized /specified/of-request-attributes/do, added a=1, replaced a=1, removed a=2, destroyed /specified/of-request-attributes/do");
        ALL.put(
                "140.7 listener of sessions",
                "initialized /specified/of-sessions, initialized /specified/of-sessions/do, created, destroyed, destroyed /specified/of-sessions/do");
        ALL.put(
                "140.7 listener of attributes of a session",
                "initialized /specified/of-session-attributes, initialized /specified/of-session-attributes/do, created, added a=1, replaced a=1, removed a=2, destroyed /specified/of-session-attributes/do");
        ALL.put(
                "140.7 listener of ids of sessions",
                "initialized /specified/of-session-ids, initialized /specified/of-session-ids/do, created, changed true, destroyed /specified/of-session-ids/do");
        ALL.put("140.8 preprocessors in order", "null");
        ALL.put("140.8 preprocessors of no servlet", "null");
        ALL.put("140.8 parameters of a preprocessor", "null");
        ALL.put(
                "140.9 services of a context",
                "/specified/resources servlets 2 resources 7 filters 1 pages 0 listeners 0");
        ALL.put(
                "140.9 error pages of a context",
                "/specified/errors-one servlets 1 resources 0 filters 0 pages 1 listeners 0");
        ALL.put("140.9 what is not used", "low 3, low 3, second 3");
        ALL.put("140.9 servlet of a path", "null /shadowed/* ");
        ALL.put("140.9 no filter of another kind", "INCLUDE null INCLUDE");
        ALL.put("140.4 life of a servlet", "");
        ALL.put("140.4 servlet with changed properties", "");
        ALL.put("140.4 factory of servlets", "get, unget");
        ALL.put("140.4 servlet that fails at first", "used in default");
        ALL.put("140.4 name, error page or pattern", "failed 6");
        ALL.put("140.4 invalid servlets", "failed 6, used in default");
        ALL.put("140.4 servlet behind a higher ranked one", "used in default, used in default");
        ALL.put("140.4 target that changes", "used in default");
        ALL.put("140.4 servlet that nobody makes", "used in default");
        ALL.put("140.4 pattern in the context of the HttpService", "ignored");
        ALL.put("140.3 context that comes and goes", "ignored");
        ALL.put("140.3 two contexts of a name", "context dynamic, context dynamic");
        ALL.put("140.3 invalid contexts", "context default");
        ALL.put("140.5 filter that fails at first", "ignored");
        ALL.put("140.6 invalid resources", "failed 6, used in default");
        ALL.put("140.6 incomplete resources", "used in default");
        ALL.put("140.7 listener that is none any more", "initialized");
        ALL.put("140.7 invalid listeners", "ignored");
    }

    private PaxWebAnswers() {}

    /** With that. */
    static WhiteboardCase of(WhiteboardCase one) {
        return ALL.containsKey(one.name()) ? one.inPaxWeb(ALL.get(one.name())) : one;
    }
}
