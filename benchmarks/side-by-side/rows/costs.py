"""What Karaf's process uses where connections pass through it."""

import clients
import processes

from .row import Metric, RATE, Row
from .throughput import SMALL

METRICS = (
    Metric("karaf", "processor time in Karaf", "µs", digits=1),
    Metric("workers", "processor time in workers", "µs", digits=1),
    RATE,
)


def of_each(server, seconds, new):
    karaf, workers = [server.karaf.pid], server.workers()
    before = processes.processor(karaf, reaped=False), processes.processor(workers)
    said = clients.wrk(server.port, SMALL, seconds, new=new)
    requests = max(1, said["requests"])
    return {"karaf": (processes.processor(karaf, reaped=False) - before[0]) * 1e6 / requests,
            "workers": (processes.processor(workers) - before[1]) * 1e6 / requests,
            "rate": said["requests"] / said["seconds"]}


def row(name, title, new, **more):
    return Row(name, "What a connection costs in Karaf", title, ("handoff",), METRICS,
               measure=lambda server, run: of_each(server, run.seconds, new),
               warm=lambda server, seconds: of_each(server, seconds, new), **more)


ROWS = [
    row("cost-hand-off", "a new connection: accepted, handed off, ended", new=True),
    # With this dispatch a worker gives a connection back after each request, and gets it anew for the next.
    row("cost-give-back", "a request of a kept connection with dispatch = request: given back, handed off", new=False,
        prepare=lambda server: server.configure(dispatch="request"),
        restore=lambda server: server.configure(dispatch=None)),
]
