package org.handoff.itests.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.handoff.itests.karaf.Footprint;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Workers;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever was deployed and is no more, Karaf has nothing of it. */
@ExtendWith(OurKaraf.class)
class LeftBehindTest {

    private static final int DEPLOYS = 100;
    /** Until the pool has its list of the last workers full. */
    private static final int WARM_UP = 50;
    /** So many deploys follow each other before anybody looks; an odd number, so that it is another version then. */
    private static final int AT_ONCE = 5;

    private final Karaf karaf;
    private final Workers workers;
    private final VersionedHandler handler;

    LeftBehindTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.handler = new VersionedHandler(karaf);
    }

    @Test
    void aHundredDeploysLeaveNothingBehindInKaraf() throws Exception {
        // Most of the time goes to starting workers: one of each generation is enough.
        workers.configure("workers", "1");
        try {
            workers.awaitOn(1);
            deployAndCompare();
        } finally {
            workers.configure("workers", "2");
            workers.awaitOn(2);
        }
    }

    private void deployAndCompare() throws Exception {
        String[] updates = {update("1.0.0"), update("1.0.1")};
        String printed = karaf.shell("bundle:install -s " + updates[0]);
        String id = printed.replaceAll("(?s).*Bundle IDs?: (\\d+).*", "$1").strip();
        try {
            handler.awaitVersion("1.0.0");
            deploy(id, updates, WARM_UP);
            Footprint before = Footprint.of(karaf);
            deploy(id, updates, DEPLOYS);
            AtomicReference<List<String>> more = new AtomicReference<>(List.of());
            Await.await(
                    "no more than before: " + before,
                    () -> {
                        more.set(Footprint.of(karaf).moreThan(before));
                        return more.get().isEmpty();
                    },
                    () -> String.join("\n", more.get()));
            System.out.println(DEPLOYS + " deploys, before: " + before + "; after: " + Footprint.of(karaf));
        } finally {
            karaf.shell("bundle:uninstall " + id);
            karaf.awaitStatus(404, VersionedHandler.CONTEXT);
        }
    }

    private static String update(String version) throws Exception {
        Path built = VersionedHandler.build(version);
        return Files.move(built, Karaf.FOLDER.resolve(version + ".jar"), StandardCopyOption.REPLACE_EXISTING)
                .toUri()
                .toString();
    }

    /** Updates the bundle to one version and the other in turn, and waits for the last one now and then. */
    private void deploy(String id, String[] updates, int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            karaf.shell("bundle:update " + id + " " + updates[i % 2]);
            if (i % AT_ONCE == 0) {
                String text = "1.0." + i % 2 + " ";
                karaf.await(text, () -> {
                    // Felix lets a start fail where it refreshes the bundle at that moment.
                    karaf.shell("bundle:start " + id);
                    return karaf.get(VersionedHandler.CONTEXT).text().equals(text);
                });
            }
        }
    }
}
