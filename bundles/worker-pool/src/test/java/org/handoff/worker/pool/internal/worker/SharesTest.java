package org.handoff.worker.pool.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The shares of simulated workers, which have two processors together and are slow at first. */
class SharesTest {

    private static final double RATIO = 1.2;
    private static final double SECONDS = 5;
    private static final double STEP = 0.0005;
    private static final double LOOK = Shares.LOOK_NANOS / 1e9;
    private static final double REQUEST = 0.0001;
    /** What a new worker's first requests take of a processor's time together, beside their own. */
    private static final double COLD = 0.5;

    private static final double NETWORK = 0.00005;

    /** What clients do; those with a number below 1 s think so long between requests. */
    private enum Load {
        MANY_KEPT(64, true, 0),
        FEW_KEPT(5, true, 0),
        ONE_KEPT(1, true, 0),
        UNEQUAL_KEPT(12, true, 0, 0.001, 0.02),
        MOSTLY_IDLE(100, true, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2),
        MANY_NEW(16, false, 0),
        ONE_NEW(1, false, 0);

        final int clients;
        final boolean kept;
        final double[] think;

        Load(int clients, boolean kept, double... think) {
            this.clients = clients;
            this.kept = kept;
            this.think = think;
        }
    }

    private final Shares shares = new Shares();
    private final List<Simulated> workers = new ArrayList<>();
    private final PriorityQueue<Client> thinking = new PriorityQueue<>((a, b) -> Double.compare(a.due, b.due));
    private final Random random = new Random(1);
    private double now;
    private double nextLook;
    private int moved;

    private static final class Client {

        final boolean kept;
        final double think;
        double due;
        Simulated holder;

        Client(boolean kept, double think) {
            this.kept = kept;
            this.think = think;
        }
    }

    private final class Simulated implements Shares.Sharer {

        final Share share = new Share();
        final Deque<Client> requests = new ArrayDeque<>();
        double cold;
        double left;
        long answered;
        int held;
        int wanted;
        boolean stopped;
        boolean isShort;
        /** Whether it says any number of requests. */
        boolean lies;

        Simulated(double cold) {
            this.cold = cold;
        }

        void run(double processor) {
            double rest = processor;
            while (rest > 0 && !requests.isEmpty()) {
                if (left <= 0) {
                    left = REQUEST * (0.5 + random.nextDouble()) + cold / 10;
                    cold -= cold / 10;
                }
                double used = Math.min(left, rest);
                left -= used;
                rest -= used;
                if (left <= 0) {
                    answer(requests.remove());
                }
            }
        }

        private void answer(Client client) {
            answered++;
            client.due = now + NETWORK + client.think * (0.5 + random.nextDouble());
            if (!client.kept || wanted > 0) {
                moved += client.kept ? 1 : 0;
                wanted -= client.kept ? 1 : 0;
                leave(client);
            }
            thinking.add(client);
        }

        void leave(Client client) {
            client.holder = null;
            held--;
            share.left();
        }

        @Override
        public long requests() {
            return lies ? random.nextLong() : answered;
        }

        @Override
        public int connections() {
            return held;
        }

        @Override
        public boolean takes() {
            return true;
        }

        @Override
        public boolean isShort() {
            return isShort;
        }

        @Override
        public boolean keepsConnections() {
            return true;
        }

        @Override
        public void want(int connections) {
            wanted = connections;
        }

        @Override
        public Share share() {
            return share;
        }
    }

    private void add(int count, double cold) {
        for (int i = 0; i < count; i++) {
            workers.add(new Simulated(cold));
        }
    }

    private void begin(Load load) {
        for (int i = 0; i < load.clients; i++) {
            Client client = new Client(load.kept, load.think[i % load.think.length]);
            client.due = now + random.nextDouble() / 100;
            thinking.add(client);
        }
    }

    private void run(double seconds) {
        for (double end = now + seconds; now < end; now += STEP) {
            while (!thinking.isEmpty() && thinking.peek().due <= now) {
                request(thinking.remove());
            }
            List<Simulated> busy = workers.stream()
                    .filter(one -> !one.requests.isEmpty() && !one.stopped)
                    .toList();
            // The clients and the monitor take a share too.
            busy.forEach(one -> one.run(Math.min(STEP, 2 * STEP / (busy.size() + 1)) * (0.5 + random.nextDouble())));
            if (now >= nextLook) {
                nextLook += LOOK;
                shares.look(workers);
            }
        }
    }

    private void request(Client client) {
        if (client.holder == null) {
            client.holder = shares.due(workers, worker -> true);
            client.holder.held++;
            shares.handedOff(client.holder, workers.indexOf(client.holder));
        }
        client.holder.requests.add(client);
    }

    /** Ends a worker as a kill does: its connections go to others. */
    private void kill(Simulated worker) {
        workers.remove(worker);
        thinking.stream().filter(client -> client.holder == worker).forEach(worker::leave);
        worker.requests.forEach(client -> {
            worker.leave(client);
            client.due = now;
            thinking.add(client);
        });
    }

    private void assertBalanced(String when) {
        long[] before = workers.stream().mapToLong(Simulated::requests).toArray();
        run(SECONDS);
        long[] answered = new long[before.length];
        Arrays.setAll(answered, i -> workers.get(i).answered - before[i]);
        double ratio = (double) Arrays.stream(answered).max().orElseThrow()
                / Arrays.stream(answered).min().orElseThrow();
        String said = String.format(Locale.ROOT, "%s: %.2f of %s", when, ratio, Arrays.toString(answered));
        assertTrue(ratio <= RATIO, said);
    }

    @ParameterizedTest
    @EnumSource
    void allAnswerAsManyRequestsWhateverComesAndHappens(Load load) {
        add(2, 0);
        begin(load);
        run(2);
        add(2, COLD);
        assertBalanced("with two more workers");
        kill(workers.get(0));
        run(1);
        add(1, COLD);
        assertBalanced("with one in a killed one's place");
        assertBalanced("later");
    }

    @Test
    void sixteenAnswerAsManyRequestsWhenEightOfThemAreNew() {
        add(8, 0);
        begin(Load.MANY_KEPT);
        run(2);
        add(8, COLD);
        assertBalanced("with eight more workers");
    }

    @Test
    void connectionsStayWhereTheyAreWhereWorkersAnswerAlike() {
        add(4, 0);
        begin(Load.MANY_KEPT);
        run(2);
        moved = 0;
        run(SECONDS);
        assertTrue(moved < 100, moved + " moved");
    }

    @Test
    void connectionsStayWhereTheyAreWhileAWorkerIsShortOfDescriptors() {
        add(2, 0);
        begin(Load.UNEQUAL_KEPT);
        run(2);
        assertTrue(moved > 0, "they move otherwise");
        workers.get(1).isShort = true;
        run(2 * LOOK);
        moved = 0;
        run(SECONDS);
        assertEquals(0, moved);
        workers.get(1).isShort = false;
        run(1);
        assertBalanced("with enough of them again");
    }

    @Test
    void aWorkerThatDoesNotAnswerDrawsNoConnectionsFromOthers() {
        add(3, 0);
        begin(Load.MANY_KEPT);
        run(2);
        add(1, 0);
        Simulated stopped = workers.get(3);
        stopped.stopped = true;
        run(SECONDS);
        assertTrue(stopped.held > 0 && stopped.held <= 20, "it has " + stopped.held);
        stopped.stopped = false;
        assertBalanced("when it goes on");
    }

    @Test
    void aWorkerThatLiesAboutItsRequestsLeavesTheOthersInBalance() {
        add(4, 0);
        begin(Load.MANY_KEPT);
        run(2);
        workers.get(3).lies = true;
        run(2);
        kill(workers.get(3));
        run(SECONDS);
        add(1, COLD);
        assertBalanced("after its end, with another in its place");
    }

    @Test
    void connectionsThatNeverAskAnythingKeepNoRequestsAway() {
        add(2, 0);
        for (int i = 0; i < 20; i++) {
            shares.handedOff(workers.get(0), 0);
            workers.get(0).held++;
        }
        begin(Load.ONE_NEW);
        run(15);
        assertBalanced("with 20 silent ones");
    }

    @Test
    void aLeadOfALoadThatHasEndedDoesNotCount() {
        add(2, 0);
        begin(Load.MANY_KEPT);
        run(2);
        add(2, 0);
        run(2 * LOOK);
        workers.forEach(one -> thinking.removeIf(client -> client.holder == one));
        workers.forEach(one -> one.requests.clear());
        workers.forEach(one -> one.held = 0);
        thinking.clear();
        shares.forget(workers);
        for (int i = 0; i < 8; i++) {
            Simulated due = shares.due(workers, worker -> true);
            shares.handedOff(due, workers.indexOf(due));
            due.held++;
        }
        workers.forEach(one -> assertEquals(2, one.held));
    }
}
