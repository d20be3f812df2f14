package org.handoff.itests.handlers.kinds.nativecode;

import org.handoff.itests.handlers.kinds.InKaraf;
import org.handoff.itests.handlers.kinds.InWorker;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Calls a native library of its bundle. */
public final class NativeCode {

    private NativeCode() {}

    /** The number of this process, by the system's call. */
    private static native int process();

    private static String outcome() {
        System.loadLibrary("kind");
        return "process " + (process() == ProcessHandle.current().pid() ? "this" : "another");
    }

    /** In a worker. */
    @Component
    @HandoffContext("/kinds/nativecode")
    public static class Answers extends InWorker implements Handler {

        @Activate
        public Answers() {
            super(NativeCode::outcome);
        }
    }

    /** In Karaf. */
    @Component(immediate = true, service = Notes.class)
    public static class Notes extends InKaraf {

        @Activate
        public Notes() {
            super("nativecode", NativeCode::outcome);
        }
    }
}
