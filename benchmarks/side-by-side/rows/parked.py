"""Connections that ask nothing, and requests beside them."""

import resource

import clients
import processes

from .row import FAILED, Metric, Row
from .throughput import SMALL, warm

COUNT = 20_000
# Descriptors of a server for everything else, above all its workers' listeners and files.
RESERVED = 1_500
RATE = 500
KIB = 1024
METRICS = (
    Metric("held", "memory each in the processes that hold them, Karaf or workers", "KiB", digits=2),
    Metric("memory", "memory each in all processes", "KiB", digits=2),
    Metric("p99", "99th percentile beside them", "ms", digits=2),
    Metric("p99_before", "99th percentile without them", "ms", digits=2),
    Metric("connections", "connections", "", more_is_better=True),
    Metric("closed", "connections closed", ""),
    FAILED,
)


def ask(server, run):
    return clients.OpenLoop(run.load, server.port, SMALL, RATE, run.seconds, connections=16).result()


def in_workers(server):
    return sum(processes.descriptors(pid) for pid in server.workers())


def park(server, run):
    without = ask(server, run)
    before = processes.memory(server.holders()), processes.memory(server.pids())
    count = min(COUNT, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - RESERVED)
    parked = clients.Parked(run.load, server.port, SMALL, count)
    if server.parks:
        processes.until("the workers to give their connections back", lambda: in_workers(server) < RESERVED, 60)
    held, memory = [(processes.memory(pids) - memory) / parked.count / KIB
                    for pids, memory in zip((server.holders(), server.pids()), before)]
    beside = ask(server, run)
    said = parked.end()
    return {"held": held, "memory": memory,
            "p99": beside["fast"]["p99"] / 1000, "p99_before": without["fast"]["p99"] / 1000,
            "connections": parked.count, "closed": said["closed"], "failed": said["failed"] + beside["failed"]}


ROWS = [Row(
    "parked", "Parked connections",
    f"{COUNT:,} parked connections, or as many as the limit of descriptors permits", ("handoff", "nginx", "node"),
    METRICS, measure=park, warm=warm, most_rounds=1, beside=12)]
