"""What a worker takes to start, and what memory it has."""

import os
import signal

import clients
import processes

from .row import Metric, Row
from .throughput import SMALL

REQUESTS = 1_000_000
MOST_SECONDS = 15
MIB = 1 << 20
STARTED = (
    Metric("ready", "from its start to its being ready", "ms"),
    Metric("processor", "processor time of it", "ms"),
    Metric("memory", "proportional set size", "MiB", digits=1),
)
MEMORY = (
    Metric("idle", "a worker before", "MiB", digits=1),
    Metric("used", "a worker after", "MiB", digits=1),
    Metric("all", "all processes after", "MiB", digits=1),
    Metric("requests", "requests", "", more_is_better=True),
)


def start(server, run):
    before = server.workers()
    os.kill(before[0], signal.SIGKILL)

    def successor():
        return next((pid for pid in server.workers()
                     if pid not in before and server.ready_after(pid) is not None), None)

    pid = processes.until(f"{server.name}: another worker", successor, pause=0.005)
    used = processes.processor([pid])
    return {"ready": server.ready_after(pid), "processor": used * 1000, "memory": processes.memory([pid]) / MIB}


def of_a_worker(server):
    workers = server.workers()
    return processes.memory(workers) / len(workers) / MIB


def fill(server, run):
    idle = of_a_worker(server)
    requests = 0
    for _ in range(MOST_SECONDS):
        if requests < REQUESTS:
            requests += clients.wrk(server.port, SMALL, 1)["requests"]
    return {"idle": idle, "used": of_a_worker(server), "all": processes.memory(server.pids()) / MIB,
            "requests": requests}


def replace_if_possible(server):
    """So that the workers are new; others than ours take no more memory with time."""
    if hasattr(server, "configure"):
        server.replace()


def started(name, title, server):
    return Row(name, "A worker's start and memory", title, (server,), STARTED, measure=start, beside=2)


ROWS = [
    started("start", "start of a worker, after a kill", "handoff"),
    started("start-c", "start of a worker in C, after a kill", "handoff-c"),
    Row("memory", "A worker's start and memory",
        f"memory of a new worker, and after {REQUESTS:,} requests or {MOST_SECONDS} s",
        ("handoff", "handoff-c", "nginx", "node", "php", "gunicorn"), MEMORY, measure=fill,
        prepare=replace_if_possible, most_rounds=1, beside=MOST_SECONDS),
]
