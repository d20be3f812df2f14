"""A worker of any protocol that breaks the one rule that its argument names, and keeps all others as tcp_worker does."""

import os
import pathlib
import select
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from handoff_check.monitor import UNKNOWN  # noqa: E402
from tests import broken_worker, tcp_worker  # noqa: E402
from tests.broken_worker import around, breaks_of, number  # noqa: E402
from tests.tcp_worker import Client, Lines  # noqa: E402

from handoff import protocol  # noqa: E402
from handoff.connections import Connections, Scoreboard  # noqa: E402

BREAKS = {}
breaks = breaks_of(BREAKS)

# These break what carries HTTP and any other protocol alike.
for one in (
    "process.ready",
    "process.other-version",
    "frames.unknown-type",
    "frames.unknown-version",
    "frames.short",
    "frames.long",
    "frames.descriptor",
    "frames.longest",
    "frames.ping",
    "frames.dump",
    "frames.connection-before-ready",
    "frames.no-such-slot",
    "frames.id-held",
    "frames.earlier.payload",
    "frames.elsewhere.line",
    "connection.once-more",
    "connection.without-descriptor",
    "connection.without-earlier",
    "connection.earlier",
    "connection.earlier.forgotten",
    "give-back.idle",
    "off.reading",
    "off.under-way",
    "scoreboard.idle",
    "scoreboard.reading",
    "scoreboard.requests",
    "scoreboard.others",
):
    BREAKS[one] = broken_worker.BREAKS[one]


# ---- the process


@breaks("process.end-of-file")
def _():
    around(Lines, "run")(lambda original, self: original(self) + 4)


@breaks("process.end-of-file.finishes")
def _():
    around(Lines, "gone")(lambda original, self: os._exit(0))


@breaks("process.drain-timeout")
def _():
    @around(Lines, "gone")
    def gone(original, self):
        original(self)
        signal.alarm(0)


@breaks("retire.idle")
def _():
    around(Lines, "run")(lambda original, self: original(self) + 1)


# ---- connections


@breaks("connection.answers")
def _():
    @around(Client, "line")
    def line(original, self):
        self.count = getattr(self, "count", 0) + 1
        if self.count == 2:
            self.end()
        else:
            original(self)


@breaks("connection.payload-first")
def _():
    @around(Client, "begin")
    def begin(original, self):
        self.data = b""
        original(self)


@breaks("connection.at-hand")
def _():
    @around(Client, "begin")
    def begin(original, self):
        self.connection.receive(1000)
        original(self)


@breaks("connection.non-blocking")
def _():
    @around(Client, "line")
    def line(original, self):
        os.set_blocking(self.connection.socket.fileno(), True)
        original(self)


@breaks("connection.shutdown")
def _():
    @around(Client, "end")
    def end(original, self):
        self.leave()
        self.connection._leave()


@breaks("connection.client-ends")
def _():
    around(Client, "end")(lambda original, self: self.lines.poll.unregister(self.connection.socket))


@breaks("connection.many")
def _():
    @around(Lines, "connection")
    def connection(original, self, taken):
        if len(self.clients) <= 10:
            original(self, taken)


# ---- off, retire, the end


@breaks("off.idle")
def _():
    around(Lines, "off")(lambda original, self: None)


@breaks("off.untouched")
def _():
    around(Client, "may_go")(lambda original, self: original(self) and self.connection.position > 0)


@breaks("off.alive")
def _():
    around(Lines, "off")(lambda original, self: os._exit(0))


@breaks("retire.held")
def _():
    around(Lines, "off")(lambda original, self: [client.end() for client in list(self.clients.values())])


@breaks("spent")
def _():
    around(Lines, "most")(lambda original, self: original(self) + 1)


@breaks("leaving")
def _():
    around(Lines, "term")(lambda original, self, *given: os._exit(0))


@breaks("leaving.not-replaced")
def _():
    @around(Lines, "spend")
    def spend(original, self):
        os._exit(0)


# ---- dispatch, balance


@breaks("dispatch.connection")
def _():
    around(Lines, "looked_at")(lambda original, self: self.connections.send(protocol.FREE))


@breaks("dispatch.request")
def _():
    around(Lines, "goes")(lambda original, self: False)


@breaks("dispatch.request.incomplete")
def _():
    @around(Lines, "connection")
    def connection(original, self, taken):
        self.by_request = False
        original(self, taken)

    @around(Client, "answered")
    def answered(original, self):
        self.lines.connections.send(protocol.FREE)
        original(self)


@breaks("dispatch.request.off")
def _():
    @around(Lines, "looked_at")
    def looked_at(original, self):
        if self.connections.is_on:
            original(self)


@breaks("yield")
def _():
    around(Lines, "goes")(lambda original, self: self.to_yield > 0)


# ---- any protocol


@breaks("tcp.new")
def _():
    @around(Client, "wait")
    def wait(original, self):
        original(self)
        if self.connection.position == 0:
            self.give_back(protocol.REQUESTED)


@breaks("tcp.greeting")
def _():
    @around(Client, "begin")
    def begin(original, self):
        self.out = self.lines.greeting
        self.send()


@breaks("tcp.greeting.kept")
def _():
    around(Client, "may_go")(lambda original, self: not self.answering and not self.out)


@breaks("tcp.part")
def _():
    @around(Client, "wait")
    def wait(original, self):
        original(self)
        if self.data:
            self.give_back(protocol.IDLE)


@breaks("tcp.part.others")
def _():
    @around(Client, "wait")
    def wait(original, self):
        original(self)
        if self.data:
            # As a program without a loop of its own does it, which still answers the monitor.
            while not select.select([self.connection.socket], [], [], 0.05)[0]:
                answer_pings(self.lines.connections)


def answer_pings(connections):
    taken, connections._connection = connections._connection, lambda *_: None
    connections.receive()
    connections._connection = taken


@breaks("tcp.part.behind")
def _():
    @around(Client, "answered")
    def answered(original, self):
        if b"\n" not in self.data:
            self.data = b""
        original(self)


@breaks("tcp.slow-client")
def _():
    @around(Client, "send")
    def send(original, self):
        original(self)
        if self.out:
            self.end()


@breaks("tcp.killed")
def _():
    @around(Client, "answered")
    def answered(original, self):
        number(self.lines.connections.scoreboard, self.connection.slot, "request", 0)
        original(self)


@breaks("tcp.killed.part")
def _():
    @around(Client, "wait")
    def wait(original, self):
        original(self)
        position = self.connection.position if self.data else UNKNOWN
        number(self.lines.connections.scoreboard, self.connection.slot, "request", position)


if __name__ == "__main__":
    BREAKS[sys.argv[1]]()
    os._exit(tcp_worker.main(sys.argv[2:]))
