"""The worker that is checked, and the connections that checks begin with."""

from handoff_check.monitor import ANSWERING, HANDLING, READING, STATE_IDLE, Failed, Skipped


def get(path, *fields, method="GET"):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


class Subject:
    """A worker that is ready, and what it serves."""

    def __init__(self, worker, options):
        self.worker = worker
        self.path = options.path
        self.hello = get(options.path)
        self._options = options

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

    def reading(self):
        """A connection of which the worker has read a part of a request."""
        client = self.worker.connect()
        client.hand_off()
        client.send(self.hello[:20])
        self.worker.until(lambda: client.unread() == 0, lambda: "the worker has read nothing of a request")
        self.worker.await_state(client.slot, READING)
        return client

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
