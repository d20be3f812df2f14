package org.handoff.monitor.internal;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

import org.handoff.http.limits.Complaint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees memory when all connections together use more than allowed: first memory whose loss harms no client, then at
 * the expense of those that have gone longest without a complete request. On the event loop only.
 */
final class Relief {

    private static final Logger LOG = LoggerFactory.getLogger(Relief.class);

    private final Memory memory;
    private final ReliefFile file;
    private final Complaint ended = new Complaint();

    Relief(Memory memory, ReliefFile file) {
        this.memory = memory;
        this.file = file;
    }

    /** The number of connections ended for lack of memory. */
    long ended() {
        return ended.times();
    }

    /** One more connection was ended, or not let in. */
    void countEnded() {
        ended.happens();
    }

    /** Frees memory, if necessary, at the expense of these. */
    void make(Collection<ClientConnection> open) {
        if (!memory.isExceeded()) {
            return;
        }
        relieve(open);
        end(open, ClientConnection::isUnfinished);
        end(open, ClientConnection::isIdle);
        end(open, ClientConnection::isCompleting);
        complain(System.nanoTime());
    }

    private void relieve(Collection<ClientConnection> open) {
        try {
            for (ClientConnection connection : open) {
                if (memory.isRelieved()) {
                    return;
                }
                connection.relieve(file);
            }
        } catch (IOException e) {
            // The next look tries again; until then other connections make room.
            LOG.debug("what was read of connections cannot be put into a file", e);
        }
    }

    private void end(Collection<ClientConnection> open, Predicate<ClientConnection> which) {
        if (memory.isRelieved()) {
            return;
        }
        List<ClientConnection> oldestFirst = open.stream()
                .filter(which)
                .sorted(Comparator.comparingLong(ClientConnection::deadline))
                .toList();
        for (ClientConnection connection : oldestFirst) {
            if (memory.isRelieved()) {
                return;
            }
            ended.happens();
            connection.timeIsUp();
        }
    }

    /** Logs the number of ended connections, once a minute: they come by the thousand. */
    void complain(long now) {
        long untold = ended.take(now);
        if (untold > 0) {
            LOG.warn(
                    "{} connections were ended or refused for lack of memory, {} since the start: those without a"
                            + " complete request, the oldest first. All connections together may take memory = {}"
                            + " bytes; set it in etc/{}.cfg",
                    untold,
                    ended.times(),
                    memory.bound(),
                    MonitorComponent.PID);
        }
    }
}
