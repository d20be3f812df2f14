"""A worker that breaks the one rule that its argument names, and keeps all others as handoff does."""

import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

from handoff import protocol, server  # noqa: E402
from handoff.connections import Connection, Connections, Scoreboard  # noqa: E402
from handoff.limits import Limits  # noqa: E402
from handoff.server import Handlers, Served, Server, Turns  # noqa: E402

def breaks_of(table):
    """A decorator for what breaks the rule of that name."""

    def breaks(name):
        def add(change):
            table[name] = change
            return change

        return add

    return breaks


BREAKS = {}
breaks = breaks_of(BREAKS)


def around(owner, name):
    """Replaces a method by one that gets it as its first argument."""

    def add(replacement):
        original = getattr(owner, name)
        setattr(owner, name, lambda self, *given: replacement(original, self, *given))
        return replacement

    return add


def wait_for_handlers(connections):
    while not connections._listener.handlers.is_idle():
        time.sleep(0.005)


@breaks("process.ready")
def _():
    @around(Connections, "ready")
    def twice(original, self):
        original(self)
        original(self)


@breaks("process.other-version")
def _():
    sys.exit(1)


@breaks("process.end-of-file")
def _():
    around(Server, "run")(lambda original, self, handler: original(self, handler) + 4)


@breaks("process.end-of-file.finishes")
def _():
    around(Server, "gone")(lambda original, self: os._exit(0))


@breaks("process.drain-timeout")
def _():
    @around(Server, "_look_at_deadlines")
    def look(original, self, now):
        if self._deadline is not None and now >= self._deadline:
            os._exit(0)


def exits_otherwise():
    @around(Connections, "_frame")
    def frame(original, self, *given):
        try:
            original(self, *given)
        except protocol.ProtocolError:
            os._exit(1)


for one in (
    "unknown-type",
    "unknown-version",
    "short",
    "long",
    "descriptor",
    "connection-before-ready",
    "no-such-slot",
    "id-held",
    "earlier.payload",
    "elsewhere.line",
):
    breaks("frames." + one)(exits_otherwise)


@breaks("frames.longest")
def _():
    @around(Connections, "_frame")
    def frame(original, self, count, *given):
        if count > 100000:
            os._exit(protocol.PROTOCOL_ERROR)
        original(self, count, *given)


@breaks("frames.ping")
def _():
    @around(Connections, "send")
    def send(original, self, kind, *given):
        original(self, kind, *given)
        if kind == protocol.PONG:
            original(self, kind, *given)


@breaks("frames.ping.handling")
def _():
    @around(Connections, "send")
    def send(original, self, kind, *given):
        if kind == protocol.PONG:
            wait_for_handlers(self)
        original(self, kind, *given)


@breaks("frames.dump")
def _():
    around(Connections, "_dump")(lambda original, self: self.send(protocol.DUMPED))


@breaks("frames.dump.handling")
def _():
    @around(Connections, "_dump")
    def dump(original, self):
        wait_for_handlers(self)
        original(self)


@breaks("connection.answers")
def _():
    @around(Served, "_complete")
    def complete(original, self):
        self.count = getattr(self, "count", 0) + 1
        if self.count == 2:
            self._end()
        else:
            original(self)


@breaks("connection.payload-first")
def _():
    @around(Served, "begin")
    def begin(original, self):
        self._rest = b""
        original(self)


@breaks("connection.at-hand")
def _():
    @around(Served, "begin")
    def begin(original, self):
        self.connection.receive(1000)
        original(self)


@breaks("connection.non-blocking")
def _():
    @around(Served, "_complete")
    def complete(original, self):
        os.set_blocking(self.connection.socket.fileno(), True)
        original(self)


@breaks("connection.shutdown")
def _():
    @around(Served, "_linger")
    def linger(original, self):
        self._unwatch()
        self.connection.socket.close()
        self._ended()


@breaks("connection.client-ends")
def _():
    @around(Served, "_end")
    def end(original, self):
        self._unwatch()
        self._ended()


@breaks("connection.many")
def _():
    @around(Server, "connection")
    def connection(original, self, taken):
        if len(self.connections.held) <= 10:
            original(self, taken)


@breaks("connection.once-more")
def _():
    around(Connections, "left")(lambda original, self, connection: None)


@breaks("connection.without-descriptor")
def _():
    @around(Connections, "_connection")
    def connection(original, self, *given):
        if given[-1] < 0:
            os._exit(protocol.PROTOCOL_ERROR)
        original(self, *given)


@breaks("connection.without-earlier")
def _():
    around(Connections, "_connection")(lambda original, self, flags, *given: original(self, 0, *given))


@breaks("connection.earlier")
def _():
    @around(Connection, "read_earlier")
    def read(original, self, most):
        self.drop_earlier()
        return b""


class Anything:
    def __eq__(self, other):
        return True


@breaks("connection.earlier.forgotten")
def _():
    around(Connections, "_keep_earlier")(lambda original, self, number, *given: original(self, Anything(), *given))


@breaks("give-back.foreign")
def _():
    around(Server, "elsewhere_changed")(lambda original, self: None)


@breaks("give-back.foreign.host")
def _():
    around(Server, "elsewhere_changed")(
        lambda original, self: self.contexts.elsewhere([("", context) for _, context in self.connections.elsewhere])
    )


@breaks("give-back.foreign.replaced")
def _():
    kept = []

    @around(Server, "elsewhere_changed")
    def changed(original, self):
        kept.extend(self.connections.elsewhere)
        self.contexts.elsewhere(kept)


@breaks("give-back.idle")
def _():
    @around(Connection, "give_back")
    def back(original, self, reason, unused):
        self.position += 1
        original(self, reason, unused)


@breaks("off.idle")
def _():
    around(Server, "off")(lambda original, self: None)


@breaks("off.untouched")
def _():
    @around(Served, "release")
    def release(original, self):
        if self.connection.position:
            original(self)


@breaks("off.reading")
def _():
    around(Connection, "give_back")(lambda original, self, reason, unused: original(self, reason, b""))


@breaks("off.response")
def _():
    around(Server, "goes")(lambda original, self: False)


@breaks("off.waiting")
def _():
    @around(Served, "release")
    def release(original, self):
        if self.phase != server.QUEUED:
            original(self)


@breaks("off.under-way")
def _():
    @around(Connections, "_connection")
    def connection(original, self, *given):
        self.is_on = True
        original(self, *given)


@breaks("off.alive")
def _():
    around(Server, "off")(lambda original, self: os._exit(0))


@breaks("retire.idle")
def _():
    around(Server, "run")(lambda original, self, handler: original(self, handler) + 1)


@breaks("retire.held")
def _():
    around(Server, "off")(lambda original, self: [served._end() for served in list(self._served.values())])


@breaks("retire.response")
def _():
    around(Server, "off")(lambda original, self: os._exit(0))


@breaks("retire.on")
def _():
    @around(Server, "on")
    def on(original, self):
        self.connections.is_on = True


@breaks("spent")
def _():
    around(Handlers, "__init__")(lambda original, self, most, *given: original(self, most + 1, *given))


@breaks("leaving")
def _():
    around(Server, "_leave")(lambda original, self: os._exit(0))


@breaks("leaving.not-replaced")
def _():
    around(Server, "_retire")(lambda original, self: os._exit(0))


@breaks("leaving.response")
def _():
    @around(Server, "_retire")
    def retire(original, self):
        self.connections.spend()
        os._exit(0)


@breaks("leaving.in-time")
def _():
    around(Server, "_look_at_deadlines")(lambda original, self, now: None)


@breaks("dispatch.connection")
def _():
    @around(Server, "connection")
    def connection(original, self, taken):
        original(self, taken)
        self.connections.send(protocol.FREE)


@breaks("dispatch.request")
def _():
    around(Turns, "goes")(lambda original, self: False)


@breaks("dispatch.request.incomplete")
def _():
    @around(Turns, "owe")
    def owe(original, self):
        self._owed = True


@breaks("dispatch.request.off")
def _():
    around(Server, "looked_at")(lambda original, self: None)


@breaks("dispatch.request.handling")
def _():
    around(Turns, "owe")(lambda original, self: self._server.connections.send(protocol.FREE))


@breaks("dispatch.adaptive")
def _():
    around(Server, "give_away")(lambda original, self: None)


@breaks("dispatch.adaptive.quick")
def _():
    @around(Turns, "idle")
    def idle(original, self):
        self._server.handlers.average = 1
        original(self)


@breaks("yield")
def _():
    @around(Turns, "goes")
    def goes(original, self):
        return self.wanted > 0


def without_state(state):
    around(Connection, "state")(lambda original, self, said: original(self, said) if said != state else None)


@breaks("scoreboard.idle")
def _():
    without_state(protocol.STATE_IDLE)


@breaks("scoreboard.reading")
def _():
    without_state(protocol.STATE_READING)


@breaks("scoreboard.handling")
def _():
    around(Scoreboard, "handling")(lambda original, self, connection: None)


@breaks("scoreboard.requests")
def _():
    around(Scoreboard, "answered")(lambda original, self: None)


@breaks("scoreboard.others")
def _():
    around(Scoreboard, "state")(lambda original, self, slot, state: original(self, slot, state) or original(self, slot + 1, state))


def number(scoreboard, slot, name, value):
    at = {"first": 8, "request": 16, "next": 24, "begins": 32, "ends": 40, "answer": 48}[name]
    scoreboard._numbers[(protocol.RECORD * (slot + 1) + at) // 8] = value


def announces_a_journal():
    """Says that there is one, which has nothing of what it should have."""

    @around(Connection, "state")
    def state(original, self, said):
        for name in ("first", "request", "next"):
            number(self._connections.scoreboard, self.slot, name, 0)
        original(self, said)


for one in ("reading", "payload", "handling", "answered"):
    breaks("journal." + one)(announces_a_journal)


def announces_a_file(kind, payload):
    announces_a_journal()
    told = set()

    @around(Served, "_add")
    def add(original, self, data):
        original(self, data)
        large = len(data) > 20000 if kind == protocol.SPILL else b"bytes=" in data
        if large and self.connection.id not in told:
            told.add(self.connection.id)
            send_file(self.connection, kind, payload)


def send_file(connection, kind, payload):
    import array
    import socket

    with tempfile.TemporaryFile() as file:
        flags = 1 if kind == protocol.TAIL else 0
        packet = protocol.HEADER.pack(protocol.VERSION, kind, flags, connection.slot, connection.id, 0) + payload
        connection._connections._control.sendmsg(
            [packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))]
        )


for one in ("file", "given-back", "no-file"):
    breaks("overflow." + one)(lambda: announces_a_file(protocol.SPILL, b""))
breaks("rest.file")(
    lambda: announces_a_file(protocol.TAIL, bytes(8) + (-1).to_bytes(8, "big", signed=True) + (1 << 30).to_bytes(8, "big"))
)


def handle(request, response):
    name, _, value = request.query.partition("=")
    if name == "ms":
        time.sleep(int(value) / 1000)
    body = bytes(int(value)) if name == "bytes" else b"hello\n"
    response.start(200, "OK", [], len(body))
    response.write(body)


def main():
    server.log_to_stderr()
    if len(sys.argv) > 1:
        BREAKS[sys.argv[1]]()
    serving = Server(limits=Limits(idle_timeout=5))
    serving.start()
    return serving.run(handle)


if __name__ == "__main__":
    sys.exit(main())
