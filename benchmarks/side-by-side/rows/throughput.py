"""As many requests as a server answers, over connections that are kept and over new ones."""

import clients
import processes

from .row import FAILED, P50, P99, PROCESSOR, RATE, Row

DYNAMIC = ("handoff", "node", "php", "uwsgi", "gunicorn")
SOME = ("handoff", "node", "php")
STATIC = ("handoff", "nginx", "node", "php", "uwsgi", "gunicorn")
PEERS = ("handoff-lrwp", "handoff-lrwp-one", "fastcgi", "fastcgi-new")
METRICS = (RATE, P50, P99, PROCESSOR, FAILED)


def load(server, seconds, path, **options):
    before = processes.processor(server.pids())
    said = clients.wrk(server.port, path, seconds, **options)
    used = processes.processor(server.pids()) - before
    return {
        "rate": said["requests"] / said["seconds"],
        "p50": said["p50"] / 1000,
        "p99": said["p99"] / 1000,
        "processor": used * 1e6 / max(1, said["requests"]),
        "failed": said["failed"],
    }


def row(name, group, title, servers, path, connections=64, new=False, body=0, **more):
    options = {"connections": connections, "new": new, "body": body}
    return Row(
        name, group, title, servers, METRICS,
        measure=lambda server, run: load(server, run.seconds, path, **options),
        warm=lambda server, seconds: load(server, seconds, path, **options), **more)


def generated(size):
    return f"/answers/bytes?bytes={size}"


SMALL = "/answers/small"


def warm(server, seconds):
    """What other rows warm servers up with."""
    load(server, seconds, SMALL)


ROWS = [
    row("small", "Requests", "28 bytes, connections kept", STATIC, SMALL),
    row("new", "Requests", "28 bytes, a new connection each", STATIC, SMALL, new=True),
    row("file", "Requests", "a file of 1 MiB", ("handoff", "nginx", "node", "uwsgi", "gunicorn"), "/answers/file"),
    row("generated-1m", "Requests", "1 MiB generated", DYNAMIC, generated(1 << 20)),
    row("generated-256k", "Requests", "256 KiB generated", SOME, generated(256 << 10), most_rounds=3),
    row("generated-16k", "Requests", "16 KiB generated", SOME, generated(16 << 10), most_rounds=3),
    row("upload", "Requests", "POST of 64 KiB, which is read", DYNAMIC, "/answers/upload", body=64 << 10),
    row("c-small", "A worker in C", "28 bytes, connections kept, worker in C", ("handoff-c", "nginx"), SMALL),
    row("c-new", "A worker in C", "28 bytes, a new connection each, worker in C", ("handoff-c", "nginx"), SMALL,
        new=True),
    row("lrwp-small", "LRWP and CGI", "100 bytes of a peer in C", PEERS, generated(100)),
    row("lrwp-1m", "LRWP and CGI", "1 MiB of a peer in C", PEERS, generated(1 << 20)),
    row("cgi", "LRWP and CGI", "a CGI program of three lines, 8 connections", ("handoff-lrwp", "fcgiwrap"),
        "/cgi-bin/hello.sh", connections=8),
]
