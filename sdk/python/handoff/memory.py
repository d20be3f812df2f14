"""The memory that all clients of a worker fill together: http.memory."""

import collections
import logging
import threading

LOG = logging.getLogger("handoff")

MINUTE = 60


class Memory:
    """It has two halves, so that neither starves the other. Data that can go to a file asks first: take and give, by any
    thread. Data that cannot, such as an unfinished head, is counted when it is there: charge, by the loop alone."""

    def __init__(self, size):
        self._size = size
        self._half = size // 2
        self._lock = threading.Lock()
        self._taken = 0
        self._charged = 0
        # By connection; the one whose request is the oldest comes first.
        self._charges = collections.OrderedDict()
        self._crowded_out = 0
        self._complained = None

    def take(self, size):
        """False where there is not enough: nothing was taken."""
        with self._lock:
            if self._taken + size > self._half:
                return False
            self._taken += size
            return True

    def give(self, size):
        with self._lock:
            self._taken -= size

    def charge(self, served, size):
        """Counts what a connection has in memory now, in place of what it had."""
        self._charged += size - self._charges.get(served, 0)
        if size:
            self._charges[served] = size
        else:
            self._charges.pop(served, None)

    def make_room(self):
        """Has the oldest requests give up what they have, as long as all have too much."""
        while self._charged > self._half:
            # What crowd_out gives back is charged no longer, so nothing is looked at beyond it.
            if not any(served.crowd_out() for served in self._charges):
                return
            self._crowded_out += 1

    def complain(self, now):
        """Says what was given up, once a minute at most."""
        if self._crowded_out and (self._complained is None or now - self._complained >= MINUTE):
            LOG.warning(
                "%d requests were answered 503 before a handler was called for them, or ended their connections, the"
                " oldest first: all together may take half of http.memory, which is %d bytes",
                self._crowded_out,
                self._size,
            )
            self._crowded_out = 0
            self._complained = now
