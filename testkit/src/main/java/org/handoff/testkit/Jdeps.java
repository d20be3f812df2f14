package org.handoff.testkit;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.spi.ToolProvider;

/** What the code of a jar refers to. */
public final class Jdeps {

    private Jdeps() {}

    /** The references of a jar's code to classes that are neither in the jar nor in the JDK, as {@code jdeps} prints them. */
    public static List<String> missing(String jar) {
        // With its default filter, jdeps leaves out references within a package.
        StringWriter report = new StringWriter();
        int status = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(new PrintWriter(report), new PrintWriter(report), "-filter:none", "--missing-deps", jar);
        if (status != 0) {
            throw new AssertionError(report);
        }
        return report.toString().lines().filter(line -> line.startsWith(" ")).toList();
    }
}
