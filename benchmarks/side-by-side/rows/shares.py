"""How evenly a load is shared among workers."""

import clients

from .row import Metric, Row
from .throughput import SMALL, warm

WORKERS = 4
METRICS = (Metric("ratio", "the busiest worker's requests by those of the idlest", "", digits=2),)


def ratio(server, run, new):
    before = server.requests()
    clients.wrk(server.port, SMALL, 5, new=new)
    after = server.requests()
    answered = [after[pid] - before[pid] for pid in before]
    return {"ratio": max(answered) / max(1, min(answered))}


def row(name, title, new):
    return Row(name, "Shares of workers", title, ("handoff",), METRICS,
               measure=lambda server, run: ratio(server, run, new), warm=warm,
               prepare=lambda server: server.configure(workers=WORKERS),
               restore=lambda server: server.configure(workers=server.place.processes), most_rounds=3, beside=8)


ROWS = [
    row("shares-kept", f"shares of {WORKERS} workers in 5 s, 64 connections kept", new=False),
    row("shares-new", f"shares of {WORKERS} workers in 5 s, a new connection each", new=True),
]
