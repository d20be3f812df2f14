package org.handoff.itests.loss;

import java.io.IOException;
import java.util.List;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Workers;
import org.handoff.testkit.OpenDescriptors;

/**
 * The workers of the pool that the tests share, while a test kills them under load: as many as it wants, replaced
 * however often they die, and what Karaf's log tells of their deaths. Closing it leaves the pool as it was.
 */
final class MortalWorkers implements AutoCloseable {

    private final Karaf karaf;
    private final Workers workers;
    private final int count;
    private final OpenDescriptors descriptors;
    private final int before;
    private final DeathLog deaths;

    /** Returns when all of them are on, and no connection of another test is left. */
    MortalWorkers(Karaf karaf, int count) throws IOException {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.count = count;
        workers.configure("workers", Integer.toString(count), "crash.limit", "1000/1");
        workers.awaitOn(count);
        descriptors = karaf.descriptors();
        before = karaf.log().size();
        deaths = new DeathLog(karaf);
    }

    /** The lines of Karaf's log since the beginning. */
    List<String> log() throws IOException {
        return karaf.logSince(before);
    }

    DeathLog deaths() {
        return deaths;
    }

    /** Waits until all are on again. */
    void awaitOn() {
        workers.awaitOn(count);
    }

    /** Waits until nothing that the dead ones had is open in Karaf. */
    void awaitDescriptors() {
        descriptors.awaitNoMore();
    }

    @Override
    public void close() throws IOException {
        workers.configure("workers", "2", "crash.limit", "5/60");
        workers.awaitOn(2);
    }
}
