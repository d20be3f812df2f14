package org.handoff.itests.load;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The end of threads that each are a client. */
public final class Clients {

    private Clients() {}

    /**
     * Waits until each, told to stop before, has received its last response.
     *
     * @param waiting hears the name of each that still waits for one
     */
    public static void join(List<Thread> clients, Consumer<String> waiting) throws InterruptedException {
        for (Thread client : clients) {
            client.join(TimeUnit.MINUTES.toMillis(2));
            if (client.isAlive()) {
                waiting.accept(client.getName());
                client.interrupt();
            }
        }
    }
}
