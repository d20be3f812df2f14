package org.handoff.itests.handlers.surroundings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.MBeanServer;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventAdmin;

/** Writes its surroundings to a file for each process, in the folder of the system property {@code karaf.data}. */
@Component(immediate = true, service = InKaraf.class)
public class InKaraf {

    /** The file of a process. */
    public static String file(long pid) {
        return "surroundings-" + pid + ".txt";
    }

    /** Writes them. */
    @Activate
    public InKaraf(BundleContext context, @Reference MBeanServer beans, @Reference EventAdmin events)
            throws IOException {
        Files.writeString(
                Path.of(System.getProperty("karaf.data"))
                        .resolve(file(ProcessHandle.current().pid())),
                new Surroundings(context).tell(beans, events));
    }
}
