"""Nine fast requests and one slow one, which holds its process for 10 ms, at random times that the clients decide."""

import clients
import processes

from .row import FAILED, Metric, PROCESSOR, Row
from .throughput import SMALL, warm

SLOW_SECONDS = 0.01
SLOW_SHARE = 0.1
LOAD = 0.6
METRICS = (
    Metric("p99", "99th percentile of the fast ones", "ms", digits=2),
    Metric("p50", "50th percentile of the fast ones", "ms", digits=2),
    PROCESSOR,
    FAILED,
)


def ask(server, load, seconds):
    # What the slow ones alone leave of the capacity is the same for all servers.
    rate = LOAD * server.place.processes / (SLOW_SHARE * SLOW_SECONDS)
    before = processes.processor(server.pids())
    said = clients.OpenLoop(load, server.port, SMALL, rate, seconds, slow_path="/answers/slow").result()
    used = processes.processor(server.pids()) - before
    return {"p50": said["fast"]["p50"] / 1000, "p99": said["fast"]["p99"] / 1000,
            "processor": used * 1e6 / max(1, said["answered"]),
            "failed": said["failed"] + said["unanswered"]}


ROWS = [Row(
    "mixed", "Fast and slow requests", "nine fast requests and one of 10 ms, at 60 % of capacity (open loop)",
    ("handoff", "node", "php", "uwsgi", "gunicorn"), METRICS,
    measure=lambda server, run: ask(server, run.load, 2 * run.seconds), warm=warm, beside=2.2)]
