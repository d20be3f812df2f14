package org.handoff.worker.runtime.connection;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the stacks of all threads to the standard output, as {@code jcmd <pid> Thread.print} does. */
final class ThreadDump {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadDump.class);

    private ThreadDump() {}

    /**
     * Writes a dump, on a thread of its own: neither the handlers' thread, which may hang, nor the event loop, which
     * must not wait.
     *
     * @param written called when the dump is in the pipe, or cannot be made
     */
    static void write(Runnable written) {
        Thread thread = new Thread(
                () -> {
                    write();
                    written.run();
                },
                "dump");
        thread.setDaemon(true);
        thread.start();
    }

    private static void write() {
        // The most important thread comes first: on an overloaded machine the rest may come too late.
        Thread.getAllStackTraces().forEach((thread, frames) -> {
            if (thread.getName().equals(HandlerThread.NAME)) {
                StringBuilder stack = new StringBuilder("The thread of the handlers is in:");
                for (StackTraceElement frame : frames) {
                    stack.append("\n\tat ").append(frame);
                }
                System.out.println(stack);
                System.out.flush();
            }
        });
        try {
            Object dump = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "threadPrint",
                            new Object[] {new String[] {"-l"}},
                            new String[] {String[].class.getName()});
            System.out.println(dump);
            System.out.flush();
        } catch (JMException | RuntimeException e) {
            LOG.error("No thread dump can be made", e);
        }
    }
}
