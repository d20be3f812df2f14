"""Serves a WSGI application (PEP 3333) as a worker of Handoff: python3 -m handoff.wsgi module:application"""

import argparse
import importlib
import os
import sys

from handoff import protocol
from handoff.limits import Limits, size
from handoff.server import LOG, Server, log_to_stderr


def environ(request, connection_socket):
    """The environment of a request."""
    peer = connection_socket.getpeername()
    own = connection_socket.getsockname()
    context = "" if request.context == "/" else request.context
    made = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": wsgi_text(context),
        "PATH_INFO": wsgi_text(request.path[len(context) :]),
        "QUERY_STRING": request.query,
        "REQUEST_URI": request.target,
        "SERVER_NAME": request.host or own[0],
        "SERVER_PORT": str(own[1]),
        "SERVER_PROTOCOL": "HTTP/1.1" if request.newer_than_10 else "HTTP/1.0",
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if request.length or request.chunked or request.all("content-length"):
        made["CONTENT_LENGTH"] = str(request.length)
    for name, value in request.fields:
        # The body is complete and has a length, whatever it came in. A name with "_" would pass for one with "-".
        if name in ("content-length", "transfer-encoding") or "_" in name:
            continue
        key = "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")
        made[key] = made[key] + ("; " if name == "cookie" else ", ") + value if key in made else value
    if request.authority is not None:
        made["HTTP_HOST"] = request.authority
    return made


def wsgi_text(text):
    """Text as PEP 3333 wants it: its bytes, each as a character."""
    return text.encode("utf-8").decode("latin-1")


class Call:
    """One call of the application."""

    def __init__(self, application, request, response):
        self._application = application
        self._request = request
        self._response = response
        self._started = False

    def make(self, environment):
        result = self._application(environment, self._start)
        try:
            self._write_all(result)
        finally:
            if hasattr(result, "close"):
                result.close()

    def _write_all(self, result):
        try:
            single = len(result) == 1
        except TypeError:
            single = False
        for data in result:
            if single and self._length is None:
                self._say_length(len(data))
                single = False
            if data:
                self._response.write(data)
        if not self._started:
            raise ValueError("The application has not called start_response")
        if not self._response.begun and self._length is None and self._request.method != "HEAD":
            self._say_length(0)

    def _say_length(self, length):
        if not self._response.begun and self._started:
            self._response.start(*self._head, length)

    def _start(self, status, headers, exc_info=None):
        if exc_info:
            try:
                if self._response.begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._started:
            raise AssertionError("start_response was called already")
        code, _, reason = status.partition(" ")
        self._head = (int(code), reason, list(headers))
        self._length = next((value for name, value in headers if name.lower() == "content-length"), None)
        self._response.start(*self._head)
        self._started = True
        return self._response.write

    _length = None


def handler(application):
    """What a Server calls, for this application."""

    def handle(request, response):
        Call(application, request, response).make(environ(request, response.socket))

    return handle


def contexts(arguments, environment):
    """The contexts to serve, as pairs of a host, maybe empty, and a path."""
    said = arguments or environment.get("HANDOFF_CONTEXTS", "/").split()
    return [(host, slash + path) for host, slash, path in (one.partition("/") for one in said)]


def load(name):
    """Imports module:application."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    for part in (attribute or "application").split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError("%s is not callable" % name)
    return found


def arguments(given, program):
    parser = argparse.ArgumentParser(prog="python3 -m " + program, description="Serves an application of Handoff's pool.")
    parser.add_argument("application", metavar="module:application")
    parser.add_argument(
        "--context",
        action="append",
        metavar="[HOST]/PATH",
        help="a context to serve, in place of those in HANDOFF_CONTEXTS; may be given several times",
    )
    for key, name in Limits.KEYS.items():
        told = os.environ.get("HANDOFF_" + key.upper().replace(".", "_"), str(getattr(Limits, name)))
        kind = size if name == "memory" else int
        explained = "in place of the pool's; " + told.replace("%", "%%")
        parser.add_argument("--" + key, dest=name, type=kind, default=told, help=explained)
    return parser.parse_args(given)


def main(given=None, program="handoff.wsgi", adapt=handler):
    log_to_stderr()
    options = arguments(given, program)
    sys.path.insert(0, os.getcwd())
    # What an application prints has its place in Karaf's log at once.
    sys.stdout.reconfigure(line_buffering=True)
    try:
        limits = Limits(**{name: getattr(options, name) for name in Limits.KEYS.values()})
        server = Server(contexts(options.context, os.environ), limits)
        server.start()
        handle = adapt(load(options.application))
    except (Exception, KeyboardInterrupt) as e:
        LOG.error("The worker cannot start: %s: %s", type(e).__name__, e, exc_info=not isinstance(e, (ValueError, KeyError)))
        return protocol.BROKEN
    return server.run(handle)


if __name__ == "__main__":
    sys.exit(main())
