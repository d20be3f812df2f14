"""All processes of a server are replaced under load, as for new code or new settings."""

import time

import clients

from .row import Metric, Row
from .throughput import SMALL, warm

RATE = 1000
MOST_SECONDS = 60
METRICS = (
    Metric("failed", "failed requests", ""),
    Metric("closed", "connections closed", ""),
    Metric("p99", "99th percentile meanwhile", "ms", digits=2),
    Metric("p99_before", "99th percentile before", "ms", digits=2),
    Metric("seconds", "time until all are replaced", "s", digits=2),
)


def replace(server, run):
    before = clients.OpenLoop(run.load, server.port, SMALL, RATE, run.seconds).result()
    meanwhile = clients.OpenLoop(run.load, server.port, SMALL, RATE, MOST_SECONDS)
    time.sleep(0.5)
    begun = time.monotonic()
    server.replace()
    took = time.monotonic() - begun
    said = meanwhile.end()
    return {"failed": said["failed"] + said["unanswered"], "closed": said["closed"], "p99": said["fast"]["p99"] / 1000,
            "p99_before": before["fast"]["p99"] / 1000, "seconds": took}


ROWS = [Row(
    "replaced", "Replaced processes", f"all processes replaced under {RATE:,} requests a second (open loop)",
    ("handoff", "nginx", "php", "uwsgi", "gunicorn"), METRICS, measure=replace, warm=warm, most_rounds=3, beside=4)]
