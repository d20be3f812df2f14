"""A worker that does what no worker may: garbage and floods on its control socket, false frames, lies in its scoreboard,
files that are none, and connections that it does not let go. Its argument is a seed; what it does depends on that and on
its id. Nothing here is protected against anything: it may be killed at any time, and ends by itself after some actions.

    hostile.py SEED [ACTION]

With an action, it does this alone for each connection that it gets.
"""

import array
import os
import random
import select
import signal
import socket
import struct
import sys
import tempfile

HEADER = struct.Struct(">BBHIQQ")
MOST_PAYLOAD = 131072
CONNECTION, RETIRE, PING, DUMP = 1, 4, 6, 7
READY, GIVE_BACK, PONG, DUMPED, FREE, SLOW, QUICK, QUOTA_REACHED, SPILL, TAIL, LEAVING = range(65, 76)
IN_FILE = 256
RECORD = 32768
SLOTS = 8191
# Where numbers are in a scoreboard, and in a slot's record.
COUNTERS = (16, 24, 32)
NUMBERS = (8, 16, 24, 32, 40, 48)
REQUEST = b"GET /hostile/again HTTP/1.1\r\nHost: h\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FLOOD = 3000


class Held:
    def __init__(self, slot, number, position, received, descriptor):
        self.slot = slot
        self.number = number
        self.position = position
        self.received = received
        self.socket = socket.socket(fileno=descriptor)


class Hostile:
    def __init__(self, seed):
        self.random = random.Random("%s %s" % (seed, os.environ["HANDOFF_WORKER"]))
        self.control = socket.socket(fileno=os.dup(0))
        self.scoreboard = os.open(os.environ["HANDOFF_SCOREBOARD"], os.O_RDWR)
        self.held = []
        self.kept = []

    # ---- what it sends

    def packet(self, data, descriptors=()):
        """Sends a packet where there is room. Exits where the monitor has closed its end."""
        try:
            passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
            self.control.sendmsg([data], passed, socket.MSG_DONTWAIT)
            return True
        except BlockingIOError:
            return False
        except OSError:
            sys.exit(0)

    def frame(self, kind, flags=0, slot=0, number=0, position=0, payload=b"", descriptors=()):
        numbers = (flags & 0xFFFF, slot & 0xFFFFFFFF, number & 2**64 - 1, position & 2**64 - 1)
        return self.packet(HEADER.pack(1, kind, *numbers) + payload, descriptors)

    def number(self):
        return self.random.choice(
            (0, 1, -1, -5, 2, 100, 16384, 2**31 - 1, 2**32 - 1, 2**61, 2**62, 2**63 - 1, -(2**63), 2**62 + 12345)
            + (self.random.getrandbits(64), self.random.getrandbits(20))
        )

    def about(self):
        """A connection of its own, or of nobody."""
        if self.held and self.random.random() < 0.9:
            one = self.random.choice(self.held)
            wrong = self.random.random() < 0.05
            return one.slot + wrong, one.number, one.position
        return self.random.choice((0, 5, SLOTS - 1, SLOTS, 2**31)), self.number(), self.number()

    def bytes(self):
        return self.random.choice(
            (
                b"",
                REQUEST,
                REQUEST * 50,
                REQUEST[:20],
                b"POST /hostile/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12",
                b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" * 3000,
                b"x" * MOST_PAYLOAD,
                b"\r\n" * 100,
                self.random.randbytes(self.random.randrange(3000)),
            )
        )[:MOST_PAYLOAD]

    def file(self):
        """The descriptor of something that is a file, or not the right one, or none."""
        kind = self.random.randrange(9)
        if kind == 0:
            return os.open("/dev/zero", os.O_RDWR)
        if kind == 1:
            return os.open("/", os.O_RDONLY)
        if kind == 2:
            read, write = os.pipe()
            os.close(write)
            return read
        if kind == 3:
            return os.dup(self.scoreboard)
        if kind == 4:
            return self.held[0].socket.detach() if self.held and self.random.random() < 0.2 else os.dup(0)
        with tempfile.TemporaryFile() as made:
            made.write(self.bytes() * self.random.choice((1, 1, 30)))
            made.flush()
            if kind == 5:
                made.truncate(2**40)
            return os.dup(made.fileno())

    # ---- what it may do

    def garbage(self):
        size = self.random.choice((0, 1, 15, 23, 24, 25, 200, 4000, MOST_PAYLOAD + 24, MOST_PAYLOAD + 25, 190000))
        data = bytearray(self.random.randbytes(size))
        if size > 2 and self.random.random() < 0.7:
            data[0] = 1
            data[1] = self.random.randrange(60, 80)
        files = [self.file() for _ in range(self.random.choice((0, 0, 1, 3, 50)))]
        self.packet(bytes(data), files)
        for file in files:
            os.close(file)

    def give_back(self):
        slot, number, position = self.about()
        flags = self.random.choice((1, 2, 2, 3, 4, 5, 6, 0, 7, 99, 1 | IN_FILE, 3 | IN_FILE, 6 | IN_FILE, 65535))
        payload = self.bytes()
        if flags & IN_FILE:
            payload = struct.pack(">q", self.random.choice((0, position, self.number())) % 2**63) + payload[:1000]
        elif self.random.random() < 0.3:
            payload = REQUEST
        self.frame(GIVE_BACK, flags, slot, number, self.random.choice((position, -1, self.number())), payload)
        for one in [one for one in self.held if one.number == number]:
            self.held.remove(one)
            if self.random.random() < 0.5:
                one.socket.close()
            else:
                self.kept.append(one.socket)

    def spill(self):
        slot, number, position = self.about()
        file = self.file()
        descriptors = [file] * self.random.choice((1, 1, 1, 1, 0, 2))
        start = self.random.choice((0, position, self.number()))
        self.frame(SPILL, 0, slot, number, start, self.random.choice((b"", b"", b"more")), descriptors)
        os.close(file)
        if self.random.random() < 0.5:
            self.lie_about(slot, 2)

    def tail(self):
        slot, number, _ = self.about()
        numbers = self.random.choice(
            (
                (0, -1, 2**40),
                (0, 1, 10**6),
                (0, 4096, 2**61),
                (-5, -1, 5000),
                (0, -1, 300),
                (self.number(), self.number(), self.number()),
            )
        )
        payload = b"".join(struct.pack(">Q", one & 2**64 - 1) for one in numbers)
        payload += b"y" * self.random.choice((0, 0, 10, 16384, 16385))
        file = self.file()
        self.frame(TAIL, self.random.choice((0, 1, 1, 2)), slot, number, 0, payload, [file])
        os.close(file)
        if self.random.random() < 0.7 and slot < SLOTS:
            # As the response's beginning may be: the monitor takes the tail for it when this process is dead.
            self.write(RECORD * (slot + 1), struct.pack("=BxxxxxxxqqqQqq", 4, -1, 0, 0, 0, -1, -1))

    def flood(self):
        kind = self.random.choice((PONG, FREE, SLOW, QUICK, DUMPED, LEAVING, QUOTA_REACHED, GIVE_BACK, SPILL, 0))
        payload = b"z" * self.random.choice((0, 0, MOST_PAYLOAD))
        for _ in range(FLOOD):
            if kind == 0:
                kind = self.random.choice((PONG, FREE, SLOW, QUICK))
                sent = self.frame(kind)
                kind = 0
            elif kind == GIVE_BACK:
                sent = self.frame(kind, 1, 0, 2**60, 0, payload)
            elif kind == SPILL:
                sent = self.frame(kind, 0, 0, 2**60, 0, b"", [self.scoreboard])
            else:
                sent = self.frame(kind, payload=payload)
            if not sent:
                select.select([], [self.control], [], 1)

    def lies(self):
        for _ in range(self.random.randrange(1, 20)):
            if self.random.random() < 0.3:
                self.write(self.random.choice(COUNTERS), struct.pack("=Q", self.number() & 2**64 - 1))
            else:
                slot = self.about()[0] if self.held else self.random.randrange(20)
                self.lie_about(min(slot, SLOTS - 1), self.random.choice((0, 1, 2, 3, 4, 5, 77, 255)))

    def lie_about(self, slot, state):
        if slot < SLOTS:
            self.write(RECORD * (slot + 1), bytes([state]))
            self.write(
                RECORD * (slot + 1) + self.random.choice(NUMBERS), struct.pack("=Q", self.number() & 2**64 - 1)
            )

    def write(self, at, data):
        os.pwrite(self.scoreboard, data, at)

    def truncate(self):
        os.ftruncate(self.scoreboard, self.random.choice((0, 20, 4096, RECORD + 3, 3 * RECORD, 2**33)))

    def answer(self):
        if self.held:
            one = self.random.choice(self.held)
            self.lie_about(one.slot, self.random.choice((1, 3, 4)))
            try:
                one.socket.send(self.random.choice((RESPONSE, RESPONSE * 2, RESPONSE[:25], b"?")), socket.MSG_DONTWAIT)
            except OSError:
                pass

    def make_blocking(self):
        for one in self.held:
            one.socket.setblocking(True)

    def fill(self):
        """Leaves no room for another byte to a client that does not read, in blocking mode."""
        for one in self.held:
            fill(one.socket)

    def fill_and_die(self):
        for one in self.held:
            self.write(RECORD * (one.slot + 1), b"\2")
            fill(one.socket)
        self.die()

    def leave_often(self):
        for _ in range(FLOOD):
            while not self.frame(LEAVING):
                select.select([], [self.control], [], 1)
        self.serve_well()

    def read_of_others(self):
        """Takes the bytes of a connection that is the monitor's again, in another process."""
        for kept in self.kept:
            if os.fork() == 0:
                signal.alarm(2)
                while select.select([kept], [], []) and kept.recv(1000, socket.MSG_DONTWAIT):
                    pass
                os._exit(0)

    def reset_client(self):
        if self.held:
            self.held.pop().socket.shutdown(socket.SHUT_RDWR)

    def shut(self):
        self.control.shutdown(self.random.choice((socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR)))

    def close(self):
        self.control.close()
        os.close(0)
        signal.pause()

    def end(self):
        os._exit(self.random.choice((0, 1, 3, 77)))

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def second_ready(self):
        self.frame(READY)

    def serve_well(self):
        for one in self.held:
            self.write(RECORD * (one.slot + 1), b"\1")
            try:
                one.socket.send(RESPONSE, socket.MSG_DONTWAIT)
            except OSError:
                pass
            self.frame(GIVE_BACK, 2, one.slot, one.number, -1)
            one.socket.close()
        self.held.clear()

    ACTIONS = (
        (6, give_back),
        (6, serve_well),
        (5, lies),
        (4, spill),
        (4, tail),
        (3, answer),
        (2, make_blocking),
        (2, fill),
        (2, read_of_others),
        (2, garbage),
        (2, flood),
        (1, truncate),
        (1, reset_client),
        (1, shut),
        (1, close),
        (1, end),
        (1, die),
        (1, second_ready),
    )

    # ---- its life

    def take(self, seconds):
        """Takes what the monitor sends; answers as it should, mostly."""
        readable, _, _ = select.select([self.control], [], [], seconds)
        while readable:
            try:
                data, passed, _, _ = self.control.recvmsg(
                    MOST_PAYLOAD + HEADER.size, socket.CMSG_SPACE(4), socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                return
            except OSError:
                sys.exit(0)
            if len(data) < HEADER.size:
                sys.exit(0)
            _, kind, _, slot, number, position = HEADER.unpack(data[: HEADER.size])
            if kind == CONNECTION and passed:
                descriptor = struct.unpack("i", passed[0][2][:4])[0]
                self.held.append(Held(slot, number, position, data[HEADER.size :], descriptor))
            elif kind == PING:
                self.frame(PONG)
            elif kind == DUMP:
                self.frame(DUMPED)
            elif kind == RETIRE and self.random.random() < 0.5:
                sys.exit(0)

    def ready(self):
        if self.random.random() < 0.85:
            return self.frame(READY)
        return self.random.choice(
            (
                lambda: self.frame(READY, payload=b"1 reason\n2 another\r\x1b[31m\n"),
                lambda: self.frame(READY, payload=b"no number \x1b[31m\r\x07" * 500),
                lambda: self.frame(READY, payload=b"\xff\xfe\n" + b"9" * 100000),
                lambda: self.frame(PONG),
                self.garbage,
                self.truncate,
                self.close,
            )
        )()

    def live(self):
        self.ready()
        actions = [action for weight, action in self.ACTIONS for _ in range(weight)]
        for _ in range(self.random.randrange(5, 40)):
            self.take(0.02)
            self.random.choice(actions)(self)

    def live_for(self, action):
        self.frame(READY)
        while True:
            self.take(None)
            if self.held:
                getattr(self, action)()


def fill(filled):
    filled.setblocking(False)
    try:
        while True:
            filled.send(b"y" * 65536)
    except OSError:
        pass
    filled.setblocking(True)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    worker = Hostile(sys.argv[1])
    if len(sys.argv) > 2:
        worker.live_for(sys.argv[2])
    else:
        worker.live()
