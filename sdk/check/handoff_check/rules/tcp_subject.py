"""The worker of a pool with protocol = tcp, and the connections that checks begin with."""

import contextlib

from handoff_check.monitor import (
    DISPATCH,
    GIVE_BACK,
    IDLE,
    READING,
    REQUESTED,
    STATE_IDLE,
    Failed,
    Skipped,
    Worker,
    short,
)


class TcpSubject:
    """A worker that is ready, and what a client sends and gets. Between two steps of a check the worker may give a
    connection back, or keep it: this does for it what the monitor does."""

    def __init__(self, worker, options):
        self.worker = worker
        self.hello = options.request
        self.answer = options.answer
        self.part, self.rest = self.hello[:-1], self.hello[-1:]
        self._options = options

    def greeting(self):
        """What the worker says first."""
        if not self._options.greeting:
            raise Skipped("needs --greeting")
        return self._options.greeting

    def cuts(self):
        return sorted({1, len(self.hello) // 2, len(self.hello) - 1} - {0, len(self.hello)})

    def thirds(self):
        return len(self.hello) // 3, 2 * len(self.hello) // 3

    def filling(self, size):
        """The worker may want as many hand-offs as these are requests: the first answer shows that it takes them."""
        return (self.hello * (size // len(self.hello) + 1))[:size], 1

    def answered(self, client, count=1):
        """Waits for the answers to so many requests."""
        wanted = self.answer * count
        if client.is_new:
            wanted = self._options.greeting + wanted
        client.is_new = False
        came = client.take(len(wanted), lambda: self.go_on(client))
        if came != wanted:
            raise Failed("client %d got %s, not %s" % (client.id, short(came), short(wanted)))

    def ask(self, client, count):
        for _ in range(count):
            client.send(self.hello)
            self.answered(client)

    # ---- what the monitor does

    def look(self, client):
        """Takes the connection back where the worker has given it back."""
        frame = self.worker.find(GIVE_BACK, client.id, 0)
        if frame is not None:
            client.check_given_back(frame)
            if frame.flags not in ((IDLE, DISPATCH) if self.worker.is_on else (IDLE, DISPATCH, REQUESTED)):
                raise Failed("it was given back with the flags %d, which is for others" % frame.flags)

    def pass_on(self, client):
        """Hands off a connection that was given back, where there are bytes for the worker; whether it did."""
        self.look(client)
        is_due = self.worker.is_on and client.back is not None and (client.back.payload or client.unread())
        if is_due:
            # In its former slot: of those there are not so many as there may be hand-offs.
            client.hand_off(client.back.payload, slot=client.slot, position=client.back.position)
        return is_due

    def go_on(self, client):
        self.pass_on(client)
        self.worker.wait_beside(client)

    # ---- connections

    def connected(self):
        """A new connection, on which the worker has said what it says first."""
        client = self.worker.connect()
        client.hand_off()
        if self._options.greeting:
            came = client.take(len(self._options.greeting), lambda: self.go_on(client))
            if came != self._options.greeting:
                raise Failed("client %d got %s, not %s" % (client.id, short(came), short(self._options.greeting)))
        client.is_new = False
        return client

    def served(self):
        """A connection that the worker has answered a request on; it may have given it back."""
        client = self.connected()
        self.ask(client, 1)
        self.worker.await_state(client.slot, STATE_IDLE)
        self.settle(client)
        return client

    def settle(self, client):
        """What the worker does at once has been done then."""
        self.worker.barrier()
        self.look(client)

    def kept_if_any(self):
        client = self.served()
        return client if client.back is None else self._untouched()

    def kept(self):
        return self._or_skipped(self.kept_if_any())

    def held(self):
        return self.kept_if_any() or self.reading()

    def untouched(self):
        return self._or_skipped(self._untouched())

    @staticmethod
    def _or_skipped(client):
        if client is None:
            raise Skipped("this worker keeps no connection between requests, and may")
        return client

    def _untouched(self):
        # One on which the worker has spoken is to be kept at OFF.
        client = None if self._options.greeting else self.connected()
        if client is not None:
            self.settle(client)
        return client if client is not None and client.back is None else None

    def reading_if_any(self):
        """A connection of which the worker has read a part of a request, or None where it answers that."""
        client = self.connected()
        client.send(self.part)

        def is_read():
            self.pass_on(client)
            return client.back is None and client.unread() == 0

        self.worker.until(is_read, lambda: "the worker has read nothing of a request")
        self.settle(client)
        if not client.nothing_more():
            return None
        if client.back is not None:
            raise Failed(
                "a connection with a part of a request was given back: with its bytes, it is handed off again at once"
            )
        self.worker.await_state(client.slot, READING)
        return client

    def reading(self):
        client = self.reading_if_any() if self.part else None
        if client is None:
            raise Skipped("this worker answers parts of a request, or --request has one byte")
        return client

    def came_back(self, client, timeout):
        if client.back is None:
            frame = self.worker.find(GIVE_BACK, client.id, timeout)
            if frame is not None:
                client.check_given_back(frame)
        return client.back is not None

    def comes_back(self, client, reason=None):
        """It may have been given back before, as the worker likes."""
        if client.back is None:
            client.given_back(None, b"")
        if reason is not None and client.back.flags not in (reason, IDLE, DISPATCH):
            raise Failed("GIVE_BACK has the flags %d; the reason is %d" % (client.back.flags, reason))
        return client.back

    @contextlib.contextmanager
    def another(self):
        """A second worker, started in the same way."""
        worker = Worker(self._options.command, self.worker.timeout, {})
        try:
            worker.ready = worker.await_ready()
            yield TcpSubject(worker, self._options)
        finally:
            worker.close()
