"""Serves an ASGI application (ASGI 3, HTTP and lifespan) as a worker of Handoff: python3 -m handoff.asgi module:application

One request at a time, as everywhere in a worker: the application's tasks go on while a request is answered, and rest
between two.
"""

import asyncio
import sys

from handoff import wsgi
from handoff.response import phrase

PIECE = 64 * 1024


def scope(request, connection_socket):
    """What the application is called with."""
    fields = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in request.fields
        if name != "host" or request.authority is None
    ]
    if request.authority is not None:
        fields.append((b"host", request.authority.encode("latin-1")))
    raw = request.target.partition("?")[0] if request.target.startswith("/") else request.path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1" if request.newer_than_10 else "1.0",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": raw.encode("latin-1", "replace"),
        "query_string": request.query.encode("latin-1"),
        "root_path": "" if request.context == "/" else request.context,
        "headers": fields,
        "client": connection_socket.getpeername()[:2],
        "server": connection_socket.getsockname()[:2],
    }


class Call:
    """One call of the application for one request."""

    def __init__(self, request, response):
        self._request = request
        self._response = response
        self._ended = asyncio.Event()
        self._body_taken = False
        self._head = None

    async def receive(self):
        if self._body_taken:
            await self._ended.wait()
            return {"type": "http.disconnect"}
        body = self._request.body.read(PIECE)
        more = self._request.body.tell() < self._request.length
        self._body_taken = not more
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message):
        if message["type"] == "http.response.start":
            status = message["status"]
            fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())]
            self._head = (status, phrase(status), fields)
            self._response.start(*self._head)
        elif message["type"] == "http.response.body":
            self._write(message.get("body", b""), message.get("more_body", False))
        else:
            raise ValueError("The application sends %s, which no HTTP response has" % message["type"])

    def _write(self, body, more):
        if self._head is None or self._ended.is_set():
            raise ValueError("The application sends a body where none belongs")
        whole = not more and not self._response.begun
        if whole and not any(name.lower() == "content-length" for name, _ in self._head[2]):
            self._response.start(*self._head, len(body))
        if body:
            self._response.write(bytes(body))
        if not more:
            self._ended.set()

    def check_ended(self):
        if not self._ended.is_set():
            raise ValueError("The application has returned without a whole response")


class Lifespan:
    """The application's life: it is told of its start and its end, if it wants to know."""

    def __init__(self, application, loop):
        self._loop = loop
        self._application = application
        self._messages = asyncio.Queue()
        self._told = asyncio.Queue()
        self.state = {}
        self._task = None

    def start(self):
        self._task = self._loop.create_task(
            self._application(
                {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state},
                self._messages.get,
                self._told.put,
            )
        )
        said = self._ask("lifespan.startup")
        if said is not None and said["type"] == "lifespan.startup.failed":
            raise RuntimeError("The application does not start: " + said.get("message", ""))

    def end(self):
        if self._task is not None and not self._task.done():
            self._ask("lifespan.shutdown")

    def _ask(self, kind):
        """What the application says to that; None where it takes no part in this."""
        self._messages.put_nowait({"type": kind})
        answer = self._loop.create_task(self._told.get())
        self._loop.run_until_complete(asyncio.wait((self._task, answer), return_when=asyncio.FIRST_COMPLETED))
        if answer.done():
            return answer.result()
        answer.cancel()
        # One that knows no lifespan ends by an exception, and serves nevertheless.
        self._task.exception()
        return None


class Adapter:
    """Makes an application what a Server calls."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._lifespan = None

    def handler(self, application):
        asyncio.set_event_loop(self._loop)
        self._lifespan = Lifespan(application, self._loop)
        self._lifespan.start()

        def handle(request, response):
            call = Call(request, response)
            given = scope(request, response.socket)
            given["state"] = dict(self._lifespan.state)
            self._loop.run_until_complete(application(given, call.receive, call.send))
            call.check_ended()

        return handle

    def end(self):
        if self._lifespan is not None:
            self._lifespan.end()


def main():
    adapter = Adapter()
    status = wsgi.main(program="handoff.asgi", adapt=adapter.handler)
    adapter.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
