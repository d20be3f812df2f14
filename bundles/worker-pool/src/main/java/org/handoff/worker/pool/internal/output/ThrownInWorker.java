package org.handoff.worker.pool.internal.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.worker.pool.InWorker;
import org.handoff.worker.protocol.log.Thrown;

/** Makes exceptions of a worker for Karaf's log. */
final class ThrownInWorker {

    /** A stack trace element's text: maybe LOADER/, maybe MODULE/, CLASS.METHOD(FILE:LINE). */
    private static final Pattern FRAME = Pattern.compile(
            "(?:(?<loader>[^/()]*)/(?=[^()]*/))?(?:(?<module>[^/()@]*)(?:@(?<version>[^/()]*))?/)?"
                    + "(?<type>[^/()]+)\\.(?<method>[^./()]+)"
                    + "\\((?:(?<native>Native Method)|(?<unknown>Unknown Source)|(?<file>[^:()]+)(?::(?<line>\\d{1,9}))?)\\)");

    private static final int NATIVE = -2;

    private ThrownInWorker() {}

    /** @param thrown with visible texts */
    static InWorker of(Thrown thrown) {
        return of(thrown, new StackTraceElement[0]);
    }

    private static InWorker of(Thrown thrown, StackTraceElement[] enclosing) {
        List<StackTraceElement> trace = new ArrayList<>();
        thrown.frames().forEach(frame -> trace.add(frame(frame)));
        int common = Math.min(thrown.common(), enclosing.length);
        trace.addAll(Arrays.asList(enclosing).subList(enclosing.length - common, enclosing.length));
        StackTraceElement[] frames = trace.toArray(StackTraceElement[]::new);
        InWorker made = new InWorker(thrown.text(), frames, thrown.cause() == null ? null : of(thrown.cause(), frames));
        thrown.suppressed().forEach(one -> made.addSuppressed(of(one, frames)));
        return made;
    }

    /** The element whose text this is; of another text, one whose text begins with it. */
    static StackTraceElement frame(String text) {
        Matcher found = FRAME.matcher(text);
        if (!found.matches()) {
            return new StackTraceElement(text, "", null, -1);
        }
        int line = found.group("line") != null
                ? Integer.parseInt(found.group("line"))
                : found.group("native") != null ? NATIVE : -1;
        return new StackTraceElement(
                found.group("loader"),
                found.group("module"),
                found.group("version"),
                found.group("type"),
                found.group("method"),
                found.group("file"),
                line);
    }
}
