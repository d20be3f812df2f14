"""A monitor for tests: starts one worker and speaks docs/worker-protocol.md with it, from the page's bytes."""

import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

CONNECTION, OFF, ON, RETIRE, FOREIGN_CONTEXTS, PING, DUMP, SPILLED, NO_SPILL, YIELD = range(1, 11)
READY, GIVE_BACK, PONG, DUMPED, FREE, SLOW, QUICK, QUOTA_REACHED, SPILL, TAIL, LEAVING = range(65, 76)
REQUESTED, IDLE_LONG, FOREIGN, NOT_TAKEN, DISPATCH, FAILED = range(1, 7)
UNTAKEN, IDLE, READING, HANDLING, ANSWERING = range(5)

UNKNOWN = (1 << 64) - 1
SLOTS = 8191
RECORD = 32768
DEADLINE = 10
TCP_INFO_SIZE = 232


class Frame:
    def __init__(self, packet, fd):
        self.version, self.type, self.flags, self.slot, self.id, self.position = struct.unpack(">BBHIQQ", packet[:24])
        self.payload = packet[24:]
        self.fd = fd

    def __repr__(self):
        return "type %d flags %d slot %d id %d position %d payload %d bytes" % (
            self.type, self.flags, self.slot, self.id, self.position, len(self.payload))


def packet(kind, flags=0, slot=0, connection=0, position=0, payload=b"", version=1):
    return struct.pack(">BBHIQQ", version, kind, flags, slot, connection, position) + payload


class Kept:
    """What the monitor keeps of a connection."""

    def __init__(self, client, fd, slot, number):
        self.client = client
        self.fd = fd
        self.slot = slot
        self.id = number
        self.overflow = None
        self.rest = None


class Monitor:
    def __init__(self, command, dispatch="connection", ready=True, early=False, **environment):
        self.directory = tempfile.TemporaryDirectory()
        self.board_path = os.path.join(self.directory.name, "board")
        self.board = os.open(self.board_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        os.ftruncate(self.board, RECORD * (SLOTS + 1))
        os.pwrite(self.board, struct.pack("=III", 0x48534231, 1, SLOTS), 0)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(DEADLINE * SLOWNESS)
        if early:
            with socket.socket() as client:
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", client.fileno()))]
                self.control.sendmsg([packet(CONNECTION, 0, 1, 1)], ancillary)
        self.output_path = os.path.join(self.directory.name, "output")
        variables = {"PATH": os.environ["PATH"], "HANDOFF_PROTOCOL": "1", "HANDOFF_WORKER": "test-1",
                     "HANDOFF_POOL": "test", "HANDOFF_SCOREBOARD": self.board_path, "HANDOFF_DISPATCH": dispatch,
                     "HANDOFF_DRAIN_TIMEOUT": "4", "TMPDIR": self.directory.name}
        variables.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        variables.update(environment)
        variables = {name: value for name, value in variables.items() if value is not None}
        with open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(command, stdin=theirs, stdout=output, stderr=output,
                                            env=variables)
        theirs.close()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.number = 100
        self.slot = 4
        self.kept = {}
        if ready:
            self.expect(READY)

    def output(self):
        with open(self.output_path, errors="replace") as output:
            return output.read()

    def close(self):
        self.control.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        said = self.output()
        if "Sanitizer" in said or "runtime error" in said or "==ERROR" in said or re.search(r"==\d+== [A-Z]", said):
            raise AssertionError(said)
        for kept in self.kept.values():
            kept.client.close()
            kept.fd.close()
        self.listener.close()
        os.close(self.board)
        self.directory.cleanup()

    # frames

    def send(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(fds), *fds))] if fds else []
        self.control.sendmsg([data], ancillary)

    def receive(self):
        """The next frame, or None at the worker's end."""
        try:
            data, ancillary, _, _ = self.control.recvmsg(131096, socket.CMSG_SPACE(4))
        except ConnectionResetError:
            return None
        if not data:
            return None
        fd = struct.unpack("i", ancillary[0][2][:4])[0] if ancillary else None
        frame = Frame(data, fd)
        kept = self.kept.get(frame.id)
        if kept and frame.type == SPILL:
            kept.overflow = frame
        if kept and frame.type == TAIL:
            kept.rest = frame
        return frame

    def expect(self, *kinds, skip=()):
        while True:
            frame = self.receive()
            if frame is None:
                raise AssertionError("the worker ended: " + self.output())
            if frame.type in kinds:
                return frame
            if frame.type not in skip:
                raise AssertionError("unexpected: %r" % frame)

    def ping(self):
        self.send(packet(PING))
        return self.expect(PONG, skip=(SPILL, TAIL, FREE, SLOW, QUICK, GIVE_BACK))

    # connections

    def accept(self, first=b"", window=None):
        """A client's connection, of which so many bytes have been sent."""
        client = socket.socket()
        if window:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        client.connect(self.listener.getsockname())
        client.settimeout(DEADLINE * SLOWNESS)
        server, _ = self.listener.accept()
        if window:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, window)
        server.setblocking(False)
        if first:
            client.sendall(first)
        return client, server

    def hand_off(self, payload=b"", window=None, slot=None, position=None, flags=0, hold=False):
        """Hands a connection off whose first bytes the monitor has read."""
        client, server = self.accept(payload, window)
        got = b""
        while len(got) < len(payload):
            select.select([server], [], [], DEADLINE)
            got += server.recv(len(payload) - len(got))
        self.number += 1
        self.slot += 1
        kept = Kept(client, server, self.slot if slot is None else slot, self.number)
        self.kept[kept.id] = kept
        if not hold:
            self.pass_on(kept, payload, len(payload) if position is None else position, flags)
        return kept

    def pass_on(self, kept, payload=b"", position=None, flags=0):
        os.pwrite(self.board, b"\0" + b"\xff" * 0, RECORD * (kept.slot + 1))
        os.pwrite(self.board, b"\xff" * 48, RECORD * (kept.slot + 1) + 8)
        self.send(packet(CONNECTION, flags, kept.slot, kept.id, position, payload), [kept.fd.fileno()])

    def again(self, kept, frame):
        """Hands a connection that came back off again, in another slot and with another id."""
        del self.kept[kept.id]
        self.number += 1
        self.slot += 1
        other = Kept(kept.client, kept.fd, self.slot, self.number)
        self.kept[other.id] = other
        self.pass_on(other, frame.payload, frame.position)
        return other

    # the scoreboard

    def state(self, kept):
        return os.pread(self.board, 1, RECORD * (kept.slot + 1))[0]

    def numbers(self, kept):
        """first, request, next, begins, ends, answer."""
        return struct.unpack("=6Q", os.pread(self.board, 48, RECORD * (kept.slot + 1) + 8))

    def journal(self, kept):
        return os.pread(self.board, 16320, RECORD * (kept.slot + 1) + 64)

    def copy(self, kept):
        return os.pread(self.board, 16384, RECORD * (kept.slot + 1) + 16384)

    def answered(self):
        return struct.unpack("=Q", os.pread(self.board, 8, 16))[0]

    def running(self):
        return struct.unpack("=QQ", os.pread(self.board, 16, 24))

    def until(self, condition):
        """Waits for a condition, with a deadline."""
        end = time.monotonic() + DEADLINE * SLOWNESS
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("not in time; the worker says: " + self.output())
            time.sleep(0.002)

    # what becomes of connections when the worker has died

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        while self.receive() is not None:
            pass

    @staticmethod
    def counts(kept):
        """How many bytes were read and written, as the kernel counts."""
        info = kept.fd.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
        received, = struct.unpack_from("=Q", info, 128)
        notsent, = struct.unpack_from("=I", info, 144)
        sent, = struct.unpack_from("=Q", info, 200)
        retrans, = struct.unpack_from("=Q", info, 208)
        unread, = struct.unpack("=i", fcntl.ioctl(kept.fd.fileno(), termios.FIONREAD, b"\0" * 4))
        closing = 1 if info[0] == 8 else 0
        return received - unread - closing, sent - retrans + notsent

    @staticmethod
    def arrived(kept):
        """How many bytes have come from the client, read or not."""
        info = kept.fd.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
        return struct.unpack_from("=Q", info, 128)[0]

    def unused(self, kept, begin):
        """The bytes from a position on that were read, from file and journal; None where they are not all there."""
        first = self.numbers(kept)[0]
        read, _ = self.counts(kept)
        if first == UNKNOWN:
            return None
        if begin >= first:
            return self.journal(kept)[begin - first:read - first]
        if kept.overflow is None:
            return None
        data = os.pread(kept.overflow.fd, first - begin, begin - kept.overflow.position)
        if len(data) < first - begin:
            return None
        return data + self.journal(kept)[:read - first]

    def verdict(self, kept):
        """What docs/worker-protocol.md says becomes of a dead worker's connection: a word and bytes."""
        state = self.state(kept)
        first, request, behind, begins, ends, answer = self.numbers(kept)
        read, written = self.counts(kept)
        if state == UNTAKEN:
            return "again", b""
        if state in (IDLE, READING):
            if request != UNKNOWN and read == request:
                return "parked", b""
            data = None if request == UNKNOWN else self.unused(kept, request)
            return ("again", data) if data is not None else ("502", b"")
        if begins != UNKNOWN and written >= begins and answer != UNKNOWN:
            return "answer", self.copy(kept)[:answer >> 1][written - begins:]
        if kept.rest is not None and begins != UNKNOWN:
            origin, capacity, end = struct.unpack(">qqq", kept.rest.payload[:24])
            if begins <= written <= end and begins < end and capacity == -1:
                before = kept.rest.payload[24:]
                unsent = max(0, origin - written) if before else 0
                head = before[len(before) - unsent:]
                done = written + len(head)
                return "rest", head + os.pread(kept.rest.fd, end - done, done - origin)
        if begins != UNKNOWN and written == begins:
            return "502", b""
        if ends != UNKNOWN and written == ends >> 1:
            return "parked", self.unused(kept, behind)
        return "cut", b""


def unacknowledged(connection):
    """How many bytes the other side's system has not acknowledged."""
    return struct.unpack("=i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]


def packets_sent(connection):
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
    return struct.unpack_from("=I", info, 136)[0]


def response(client, head=False):
    """Reads one response; status, fields, body."""
    data = b""
    while b"\r\n\r\n" not in data:
        got = client.recv(65536)
        if not got:
            raise AssertionError("ended in a head: %r" % data)
        data += got
    top, _, rest = data.partition(b"\r\n\r\n")
    lines = top.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    if status == 100:
        return (status, fields, b"") if not rest else _fail("bytes behind 100")
    if head or status in (204, 304):
        return status, fields, rest
    if "content-length" in fields:
        length = int(fields["content-length"])
        while len(rest) < length:
            got = client.recv(1 << 20)
            if not got:
                raise AssertionError("cut after %d of %d" % (len(rest), length))
            rest += got
        return status, fields, rest[:length]
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            while b"\r\n" not in rest:
                rest += _more(client)
            size, _, rest = rest.partition(b"\r\n")
            size = int(size, 16)
            while len(rest) < size + 2:
                rest += _more(client)
            if size == 0:
                return status, fields, body
            body += rest[:size]
            if rest[size:size + 2] != b"\r\n":
                raise AssertionError("a chunk without its end")
            rest = rest[size + 2:]
    while True:
        got = client.recv(1 << 20)
        if not got:
            return status, fields, rest
        rest += got


def _more(client):
    got = client.recv(1 << 20)
    if not got:
        raise AssertionError("cut")
    return got


def _fail(text):
    raise AssertionError(text)


# Sanitizers and valgrind make a worker slow; its deadlines grow with that.
SLOWNESS = int(os.environ.get("TEST_SLOWNESS", "1"))
