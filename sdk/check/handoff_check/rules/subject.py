"""The worker that is checked, and the connections that checks begin with: those of HTTP."""

from handoff_check.monitor import ANSWERING, GIVE_BACK, HANDLING, READING, STATE_IDLE, Failed, Skipped


def get(path, *fields, method="GET"):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


class Subject:
    """A worker that is ready, what it serves, and what a client sends and gets: in HTTP here."""

    def __init__(self, worker, options):
        self.worker = worker
        self.path = options.path
        self.hello = get(options.path)
        self.part, self.rest = self.hello[:20], self.hello[20:]
        self._options = options

    def cuts(self):
        """Where a request may be cut in two."""
        return 1, 20, len(self.hello) - 1

    def thirds(self):
        """Where a request may be cut in three."""
        return 10, 30

    def filling(self, size):
        """Requests of so many bytes in all, and how many answers come."""
        count = size // len(self.hello) - 1
        filler = get(self.path, "X: " + "x" * (size - count * len(self.hello) - len(self.hello) - 5))
        return self.hello * count + filler, count + 1

    def answered(self, client):
        """Waits for the answer to one request."""
        ok(client.response())

    def ask(self, client, count):
        """Sends so many requests, and waits for their answers."""
        client.send(self.hello * count)
        for _ in range(count):
            self.answered(client)

    def slow(self, milliseconds):
        """A request whose handler takes about so long."""
        return get(self._needed("slow").replace("{ms}", str(milliseconds)))

    def large(self, size):
        """A request whose response has about so many bytes."""
        return get(self._needed("large").replace("{bytes}", str(size)))

    def _needed(self, name):
        value = getattr(self._options, name)
        if value is None:
            raise Skipped("needs --%s" % name)
        return value

    def served(self):
        """A connection that the worker has answered a request on, and keeps."""
        client = self.worker.connect()
        client.hand_off()
        client.send(self.hello)
        ok(client.response())
        self.worker.await_state(client.slot, STATE_IDLE)
        return client

    def kept(self):
        """A connection without a request that the worker keeps."""
        return self.served()

    def kept_if_any(self):
        return self.kept()

    def held(self):
        """Any connection that the worker keeps."""
        return self.served()

    def untouched(self):
        """A connection that the worker keeps, and on which nothing has come."""
        client = self.worker.connect()
        client.hand_off()
        self.worker.await_state(client.slot, STATE_IDLE)
        return client

    def reading(self):
        """A connection of which the worker has read a part of a request."""
        client = self.worker.connect()
        client.hand_off()
        client.send(self.part)
        self.worker.until(lambda: client.unread() == 0, lambda: "the worker has read nothing of a request")
        self.worker.await_state(client.slot, READING)
        return client

    def reading_if_any(self):
        return self.reading()

    def came_back(self, client, timeout):
        """Whether a connection was given back, or is within this time."""
        return self.worker.find(GIVE_BACK, client.id, timeout) is not None

    def comes_back(self, client, reason=None):
        """Waits until a connection is given back, with all that was sent used; gives the frame."""
        return client.given_back(reason, b"")

    def handling(self, milliseconds):
        """A connection whose handler runs, for about so long."""
        request = self.slow(milliseconds)
        client = self.worker.connect()
        client.hand_off()
        client.send(request)
        self.worker.await_state(client.slot, HANDLING, ANSWERING)
        return client

    def nested(self):
        """A context inside the one that is served, and a request for it."""
        context = self.path.partition("?")[0].rstrip("/") + "/handoff-check-elsewhere"
        return context, get(context + "/x")


def ok(response):
    if not 200 <= response[0] < 400:
        raise Failed("the response has the status %d; --path names a path that is answered 2xx or 3xx" % response[0])
    return response[1]
