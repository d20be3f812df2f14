package org.handoff.itests.handlers.surroundings;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** What code finds around it, in Karaf and in a worker: a line each, with the outcome. */
final class Surroundings {

    private static final String TOPIC = "org/handoff/itests/SURROUNDINGS";

    private final BundleContext context;

    Surroundings(BundleContext context) {
        this.context = context;
    }

    String tell(MBeanServer beans, EventAdmin events) {
        Map<String, String> outcomes = new TreeMap<>();
        tell(outcomes, "bean server", () -> bean(beans));
        tell(outcomes, "event", () -> event(events));
        tell(outcomes, "data file", this::dataFile);
        tell(outcomes, "resource of a fragment", () -> resource("of-the-fragment.txt"));
        tell(outcomes, "class of a required bundle", () -> required("org.handoff.itests.handlers.library.Words"));
        tell(outcomes, "class of an embedded jar", () -> required("org.handoff.itests.handlers.nap.Nap"));
        tell(outcomes, "encoding", () -> System.getProperty("file.encoding"));
        StringBuilder lines = new StringBuilder();
        outcomes.forEach((what, outcome) ->
                lines.append(what).append(": ").append(outcome).append('\n'));
        return lines.toString();
    }

    private static void tell(Map<String, String> outcomes, String what, Callable<String> asked) {
        try {
            outcomes.put(what, asked.call());
        } catch (Exception | LinkageError e) {
            outcomes.put(what, e.toString());
        }
    }

    private static String bean(MBeanServer beans) throws JMException {
        Object pid = beans.getAttribute(new ObjectName(ManagementFactory.RUNTIME_MXBEAN_NAME), "Pid");
        return "of process " + (pid.equals(ProcessHandle.current().pid()) ? "this" : "another");
    }

    private String event(EventAdmin events) throws InterruptedException {
        CountDownLatch received = new CountDownLatch(1);
        var registration = context.registerService(
                EventHandler.class,
                event -> received.countDown(),
                FrameworkUtil.asDictionary(Map.of(EventConstants.EVENT_TOPIC, TOPIC)));
        try {
            events.postEvent(
                    new Event(TOPIC, Map.of("pid", ProcessHandle.current().pid())));
            return received.await(30, TimeUnit.SECONDS) ? "received" : "lost";
        } finally {
            registration.unregister();
        }
    }

    private String dataFile() throws IOException {
        Path file = context.getDataFile("kept.txt").toPath();
        Files.writeString(file, "kept");
        return Files.readString(file);
    }

    private String resource(String name) throws IOException {
        Bundle bundle = context.getBundle();
        try (InputStream in = bundle.getResource(name).openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private String required(String name) throws ClassNotFoundException {
        return Surroundings.class.getClassLoader().loadClass(name).getSimpleName();
    }
}
