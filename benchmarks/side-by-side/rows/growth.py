"""How the rates of small responses change with workers, contexts and connections."""

from .throughput import SMALL, row


def workers(count):
    return row(f"growth-workers-{count}", "Growth with workers", f"workers: {count}", ("handoff",), SMALL,
               most_rounds=2,
               prepare=lambda server: server.configure(workers=count),
               restore=lambda server: server.configure(workers=server.place.processes))


def contexts(count):
    return row(f"growth-contexts-{count}", "Growth with contexts", f"contexts: {count:,}, a new connection each",
               ("handoff",), SMALL, new=True, most_rounds=2,
               prepare=lambda server: server.have_contexts(count), restore=lambda server: server.have_contexts(1))


def connections(count):
    return row(f"growth-connections-{count}", "Growth with connections", f"connections: {count:,}",
               ("handoff", "nginx"), SMALL, connections=count, most_rounds=2)


ROWS = [
    *(workers(count) for count in (1, 2, 4, 8, 16)),
    *(contexts(count) for count in (1, 100, 1000)),
    *(connections(count) for count in (1, 16, 256, 4096)),
]
