package org.handoff.worker.runtime.handler;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shortens Felix's message about a bundle that does not resolve to the missing requirement and the bundle that has it.
 * Felix nests one such sentence in another along the chain of bundles, each with LDAP filters; the innermost names the
 * cause.
 */
final class ResolveFailure {

    private static final Pattern MISSING = Pattern.compile(
            "missing requirement \\[([^\\s\\]]+) \\[\\d+\\]\\(R [\\d.]+\\)\\] ([\\w.-]+); (\\(.*?\\)|[^(\\[\\]]*?)"
                    + "(?= \\[caused by:| Unresolved requirements:|\\]|$)");
    private static final Pattern NAME = Pattern.compile("\\((osgi\\.wiring\\.[a-z]+|[\\w.]+)=([^()]+)\\)");
    private static final Pattern FROM = Pattern.compile("\\((?:bundle-)?version>=([^()]+)\\)");
    private static final Pattern BELOW = Pattern.compile("\\(!\\((?:bundle-)?version>=([^()]+)\\)\\)");

    private ResolveFailure() {}

    /** One line about the reason; the framework's own message if it has another form. */
    static String describe(String message) {
        Matcher missing = MISSING.matcher(message);
        String described = null;
        while (missing.find()) {
            described = describe(missing.group(1), missing.group(2), missing.group(3));
        }
        return described != null ? described : message.replaceAll("\\s+", " ");
    }

    private static String describe(String bundle, String namespace, String filter) {
        String wanted = switch (namespace) {
            case "osgi.wiring.package" -> "package " + value(namespace, filter) + versions(filter);
            case "osgi.wiring.bundle", "osgi.wiring.host" -> "bundle " + value(namespace, filter) + versions(filter);
            default -> "capability " + namespace + " " + filter;
        };
        return wanted + " is missing, which bundle " + bundle + " needs";
    }

    private static String value(String namespace, String filter) {
        Matcher name = NAME.matcher(filter);
        while (name.find()) {
            if (name.group(1).equals(namespace)) {
                return name.group(2);
            }
        }
        return filter;
    }

    private static String versions(String filter) {
        Matcher below = BELOW.matcher(filter);
        String upper = below.find() ? below.group(1) : null;
        Matcher from = FROM.matcher(below.replaceAll(""));
        String lower = from.find() ? from.group(1) : null;
        if (lower == null) {
            return "";
        }
        return upper == null ? " " + lower + " or later" : " [" + lower + "," + upper + ")";
    }
}
