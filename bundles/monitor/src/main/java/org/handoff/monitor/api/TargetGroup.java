package org.handoff.monitor.api;

import java.util.List;
import java.util.Map;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Targets of one owner, registered as one OSGi service: with a service for each target, the work of the container and of
 * its service listeners would grow with the square of their number. The routes exist as long as the service does. After
 * a change of the members the owner sets the service's properties, and the monitor asks for the members again.
 */
@ConsumerType
public interface TargetGroup {

    /**
     * One target with its contexts.
     *
     * @param properties those that {@link Target} names, and {@code service.ranking}: of two members with one context,
     *        the one with the higher ranking has it, then the one whose group is the older service
     */
    record Member(Target target, Map<String, Object> properties) {}

    /** All members now. Called on any thread, and under the monitor's locks: it must not block. */
    List<Member> members();
}
