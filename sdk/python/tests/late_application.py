"""A WSGI application whose handler is called between two steps of the loop."""

import threading

from applications import plain
from handoff.server import Served

posted = threading.Event()
unused = Served._unused


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        posted.set()
    return plain(environ, start_response)


def late(served):
    """The loop knows what to give back of a request that waits; only then its handler is called."""
    found = unused(served)
    if found:
        posted.wait(20)
    return found


Served._unused = late
