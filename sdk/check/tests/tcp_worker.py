"""A worker of any protocol that keeps all rules: answers each line with the same line, on any number of connections at
once, and keeps them between lines. With --greeting it says "welcome" first."""

import os
import pathlib
import select
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

from handoff import protocol  # noqa: E402
from handoff.connections import Connections  # noqa: E402

GREETING = b"welcome\n"
IDLE_SECONDS = 2
TICK_SECONDS = 0.2


class Client:
    """One connection, its unanswered bytes, and the unsent ones."""

    def __init__(self, lines, connection):
        self.lines = lines
        self.connection = connection
        self.data = connection.received
        self.out = b""
        self.answering = False
        self.active = time.monotonic()

    def begin(self):
        earlier = b""
        while self.connection.has_earlier():
            earlier += self.connection.read_earlier(65536)
        self.data = earlier + self.data
        if self.lines.greeting and self.connection.position == 0:
            self.out = self.lines.greeting
            self.send()
        else:
            self.go_on()

    def event(self):
        self.active = time.monotonic()
        if self.out:
            self.send()
        else:
            self.go_on()

    def go_on(self):
        """Reads up to the end of a line, and answers that."""
        while b"\n" not in self.data:
            self.connection.state(protocol.STATE_READING)
            more = self.connection.receive(65536)
            if more is None:
                self.wait()
                return
            if not more:
                self.end()
                return
            self.data += more
        if self.lines.connections.is_on or self.lines.connections.monitor_gone:
            self.line()
        else:
            self.give_back(protocol.REQUESTED)

    def wait(self):
        if not self.data:
            self.connection.state(protocol.STATE_IDLE)

    def line(self):
        line, _, self.data = self.data.partition(b"\n")
        self.out = line + b"\n"
        self.answering = True
        self.lines.begins()
        self.connection.state(protocol.STATE_ANSWERING)
        self.send()

    def send(self):
        try:
            self.out = self.out[self.connection.socket.send(self.out) :]
        except BlockingIOError:
            pass
        except OSError:
            self.end()
            return
        self.lines.poll.modify(self.connection.socket, select.EPOLLOUT if self.out else select.EPOLLIN)
        if self.answering and not self.out:
            self.answered()

    def answered(self):
        self.answering = False
        self.lines.connections.scoreboard.answered()
        self.connection.state(protocol.STATE_READING if self.data else protocol.STATE_IDLE)
        if self.lines.connections.monitor_gone and not self.data:
            self.end()
        elif not self.lines.connections.is_on and not self.lines.connections.monitor_gone:
            self.give_back(protocol.REQUESTED)
        elif self.lines.goes():
            self.give_back(protocol.DISPATCH)
        elif self.data:
            self.lines.again.append(self)

    def may_go(self):
        """Not where the next worker would speak again."""
        return not self.answering and not self.out and not (self.lines.greeting and self.connection.position == 0)

    def give_back(self, reason):
        self.leave()
        self.connection.give_back(reason, self.data)

    def end(self):
        self.leave()
        self.connection.close()

    def leave(self):
        self.lines.poll.unregister(self.connection.socket)
        del self.lines.clients[self.connection.socket.fileno()]


class Lines:
    def __init__(self, greeting):
        self.greeting = greeting
        self.clients = {}
        self.again = []
        self.begun = 0
        self.to_yield = 0
        self.retire_at = None
        self.connections = Connections(self)
        self.by_request = self.connections.dispatch == "request"
        self.poll = select.epoll()
        self.poll.register(self.connections.fileno(), select.EPOLLIN)

    # ---- what the monitor says

    def connection(self, taken):
        client = Client(self, taken)
        self.clients[taken.socket.fileno()] = client
        self.poll.register(taken.socket, select.EPOLLIN)
        self.looked_at()
        client.begin()

    def looked_at(self):
        if self.by_request:
            self.connections.send(protocol.FREE)

    def off(self):
        for client in list(self.clients.values()):
            if client.may_go():
                client.give_back(protocol.REQUESTED)

    def on(self):
        pass

    def elsewhere_changed(self):
        pass

    def wanted(self, count):
        self.to_yield = count

    def gone(self):
        signal.alarm(self.connections.drain_seconds)
        for client in list(self.clients.values()):
            if not client.answering and not client.data:
                client.end()

    def term(self, *_):
        if self.retire_at is None:
            self.retire_at = time.monotonic() + self.connections.drain_seconds / 2
            self.connections.send(protocol.LEAVING)

    # ---- what clients do

    def begins(self):
        self.begun += 1
        if self.begun == self.most():
            self.spend()

    def most(self):
        return self.connections.most_requests

    def spend(self):
        self.connections.spend()
        self.off()

    def goes(self):
        if self.to_yield > 0:
            self.to_yield -= 1
            return True
        return self.by_request

    def run(self):
        signal.signal(signal.SIGTERM, self.term)
        self.connections.ready()
        while not self.connections.over():
            for fd, _ in self.poll.poll(0 if self.again else TICK_SECONDS):
                if fd == self.connections.fileno():
                    self.connections.receive()
                    if self.connections.monitor_gone:
                        self.poll.unregister(fd)
                elif fd in self.clients:
                    self.clients[fd].event()
            again, self.again = self.again, []
            for client in again:
                if self.clients.get(client.connection.socket.fileno()) is client:
                    client.event()
            self.tick(time.monotonic())
        return 0

    def tick(self, now):
        for client in list(self.clients.values()):
            if not client.data and client.may_go() and now - client.active > IDLE_SECONDS:
                client.give_back(protocol.IDLE)
        if self.retire_at is not None and now > self.retire_at and not self.connections.retiring:
            self.connections.retiring = True
            self.spend()


def main(arguments):
    greeting = GREETING if "--greeting" in arguments else b""
    try:
        return Lines(greeting).run()
    except protocol.ProtocolError:
        return protocol.PROTOCOL_ERROR


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
