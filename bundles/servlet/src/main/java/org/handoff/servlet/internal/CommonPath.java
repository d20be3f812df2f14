package org.handoff.servlet.internal;

import java.util.Arrays;
import java.util.List;

/** The longest path that all contexts of an application are within. */
final class CommonPath {

    private CommonPath() {}

    /** @param contexts one at least */
    static String of(List<String> contexts) {
        List<String> common = segments(contexts.get(0));
        for (String context : contexts) {
            List<String> its = segments(context);
            int same = 0;
            while (same < Math.min(common.size(), its.size())
                    && common.get(same).equals(its.get(same))) {
                same++;
            }
            common = common.subList(0, same);
        }
        return "/" + String.join("/", common);
    }

    private static List<String> segments(String context) {
        return Arrays.stream(context.split("/")).filter(one -> !one.isEmpty()).toList();
    }
}
