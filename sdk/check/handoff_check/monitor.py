"""The monitor's side of one worker process, and the clients of the connections that it hands off."""

import array
import fcntl
import mmap
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

VERSION = 1
HEADER = struct.Struct("!BBHIQQ")
MAX_PAYLOAD = 131072
UNKNOWN = (1 << 64) - 1

CONNECTION, OFF, ON, RETIRE, FOREIGN_CONTEXTS, PING, DUMP, SPILLED, NO_SPILL, YIELD = range(1, 11)
READY, GIVE_BACK, PONG, DUMPED, FREE, SLOW, QUICK, QUOTA_REACHED, SPILL, TAIL, LEAVING = range(65, 76)
NAMES = {
    value: name
    for name, value in list(globals().items())
    if isinstance(value, int) and name not in ("VERSION", "MAX_PAYLOAD", "UNKNOWN")
}
REQUESTED, IDLE, FOREIGN, NOT_TAKEN, DISPATCH, FAILED = range(1, 7)
IN_FILE = 256
UNTAKEN, STATE_IDLE, READING, HANDLING, ANSWERING = range(5)
STATE_NAMES = ("UNTAKEN", "IDLE", "READING", "HANDLING", "ANSWERING")

# So long after a deadline what has come by then must have been read.
FLOOD_SECONDS = 40
# So long after a deadline a worker is waited for that has something to do and no processor to do it on, until it has had
# a processor for so long; and how often is looked whether that is so.
STARVED_SECONDS = 30
PROCESSOR_SECONDS = 0.5
LOOK_SECONDS = 0.05

SCOREBOARD_BYTES = 256 * 1024 * 1024
RECORD = 32 * 1024
SLOTS = 8191
JOURNAL = 64
JOURNAL_BYTES = 16320
REQUESTS_AT, CONNECTION_AT, SINCE_AT = 16, 24, 32
NUMBERS = {"first": 8, "request": 16, "next": 24, "begins": 32, "ends": 40, "answer": 48}


class Failed(Exception):
    """The worker broke a rule."""


class CannotStart(Exception):
    """The command is no program, or its process does not get ready."""


class Skipped(Exception):
    """The rule does not concern this worker, or cannot be checked with what was given."""


def short(data):
    text = repr(bytes(data[:160]))[1:]
    return text if len(data) <= 160 else "%s... (%d bytes)" % (text, len(data))


class Frame:
    """A frame that the worker sent."""

    def __init__(self, kind, flags, slot, connection, position, payload, descriptor):
        self.kind = kind
        self.flags = flags
        self.slot = slot
        self.connection = connection
        self.position = position
        self.payload = payload
        self.descriptor = descriptor

    def __str__(self):
        return frame_text(self.kind, self.flags, self.slot, self.connection, self.position, self.payload, self.descriptor >= 0)


def frame_text(kind, flags, slot, connection, position, payload, with_descriptor):
    text = NAMES.get(kind, "type %d" % kind)
    if connection or slot:
        text += " slot %d connection %d position %s" % (slot, connection, "unknown" if position == UNKNOWN else position)
    if flags:
        text += " flags %d" % flags
    if payload:
        text += " payload " + short(payload)
    return text + (" with a descriptor" if with_descriptor else "")


class Worker:
    """One worker process, started as the monitor starts it."""

    def __init__(self, command, timeout, environment, hand_off_early=False, working_directory=None):
        """hand_off_early: a connection is handed off before the worker can be ready."""
        self.timeout = timeout
        self.story = []
        self.clients = []
        self.next_id = 1000
        self.next_slot = 0
        self._inbox = []
        self._ended = False
        self._pings = 0
        self._dumps = 0
        # Whether it may get connections: not after OFF, RETIRE and QUOTA_REACHED.
        self.is_on = True
        self._may_be_on = True
        self._late_at = None
        self._had_then = 0
        self.directory = tempfile.mkdtemp(prefix="handoff-worker-check-")
        self._output = open(os.path.join(self.directory, "output"), "wb+")
        self._make_scoreboard()
        ours, childs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "LANG", "TZ") or name.startswith("LC_")
        }
        kept.update(
            HANDOFF_PROTOCOL=str(VERSION),
            HANDOFF_WORKER="check-1",
            HANDOFF_POOL="check",
            HANDOFF_SCOREBOARD=self._scoreboard_path,
            HANDOFF_DISPATCH="connection",
            HANDOFF_DRAIN_TIMEOUT="30",
        )
        kept.update(environment)
        self.environment = kept
        if hand_off_early:
            self.connect().hand_off()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=childs,
                stdout=self._output,
                stderr=self._output,
                env=kept,
                cwd=working_directory,
                start_new_session=True,
            )
        except OSError as e:
            ours.close()
            for client in list(self.clients):
                client.close()
            self._release()
            raise CannotStart("%s: %s" % (command[0], e.strerror)) from None
        finally:
            childs.close()
        told = " ".join("%s=%s" % one for one in sorted(environment.items()))
        self.tell("starts the worker%s: process %d" % (", " + told if told else "", self.process.pid))

    def _make_scoreboard(self):
        self._scoreboard_path = os.path.join(self.directory, "scoreboard")
        with open(self._scoreboard_path, "wb+") as file:
            file.write(struct.pack("=III", 0x48534231, VERSION, SLOTS))
            file.truncate(SCOREBOARD_BYTES)
            self.scoreboard = mmap.mmap(file.fileno(), SCOREBOARD_BYTES)

    # ---- the end

    def close(self):
        """Ends the process and all that belongs to it."""
        for client in list(self.clients):
            client.close()
        self._control.close()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._release()

    def _release(self):
        for frame in self._inbox:
            if frame.descriptor >= 0:
                os.close(frame.descriptor)
        self.scoreboard.close()
        self._output.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def leave(self):
        """Closes the control socket, as a monitor that ends."""
        self.tell("closes the control socket")
        self._control.close()
        self._ended = True

    def kill(self):
        self.tell("kills the process")
        self.process.kill()
        self.process.wait()

    def exit_status(self, timeout=None):
        """Waits for the end of the process."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while True:
            try:
                status = self.process.wait(max(deadline - time.monotonic(), LOOK_SECONDS))
                break
            except subprocess.TimeoutExpired:
                if self.is_late(deadline):
                    raise Failed("the process is still there after %g s" % (timeout or self.timeout)) from None
        self.tell("the process has exited with status %d" % status, "<")
        return status

    def is_alive(self):
        return self.process.poll() is None

    def output(self):
        with open(self._output.name, "rb") as file:
            return file.read()

    # ---- frames

    def tell(self, what, way=">"):
        self.story.append("%s %s" % (way, what))

    def send(self, kind, flags=0, slot=0, connection=0, position=0, payload=b"", descriptor=-1, version=VERSION):
        self.tell(frame_text(kind, flags, slot, connection, position, payload, descriptor >= 0))
        if kind == PING:
            self._pings += 1
        if kind == DUMP:
            self._dumps += 1
        if kind == RETIRE:
            self._may_be_on = False
        if kind in (OFF, ON, RETIRE):
            self.is_on = kind == ON and self._may_be_on
        self.send_packet(HEADER.pack(version, kind, flags, slot, connection, position) + payload, descriptor)

    def send_packet(self, packet, descriptor=-1):
        ancillary = []
        if descriptor >= 0:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        try:
            self._control.settimeout(self.timeout)
            self._control.sendmsg([packet], ancillary)
        except OSError as e:
            raise Failed("the worker's end of the control socket does not take a frame: %s" % e) from None

    def wait_beside(self, client):
        """Waits a moment for a frame, or for bytes to this client."""
        sources = [client.socket] if self._ended else [client.socket, self._control]
        select.select(sources, [], [], LOOK_SECONDS)

    def read_frame(self, deadline):
        """The next frame; None at the deadline, or where the worker's end is closed."""
        if self._ended:
            return None
        if time.monotonic() > deadline + FLOOD_SECONDS:
            raise Failed("the worker sends frames without end")
        if not select.select([self._control], [], [], max(deadline - time.monotonic(), 0))[0]:
            return None
        try:
            data, ancillary, flags, _ = self._control.recvmsg(HEADER.size + MAX_PAYLOAD + 1, socket.CMSG_SPACE(64))
        except OSError:
            data, ancillary = b"", []
        came = array.array("i")
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                came.frombytes(content[: len(content) - len(content) % came.itemsize])
        if not data and not came:
            self._ended = True
            self.tell("the control socket has ended", "<")
            return None
        if len(data) < HEADER.size or len(data) > HEADER.size + MAX_PAYLOAD:
            self.tell("a packet of %d bytes: %s" % (len(data), short(data)), "<")
            raise Failed("a packet of %d bytes came, which is no frame" % len(data))
        version, kind, frame_flags, slot, connection, position = HEADER.unpack_from(data)
        frame = Frame(kind, frame_flags, slot, connection, position, data[HEADER.size :], came[0] if came else -1)
        self.tell(str(frame), "<")
        for extra in came[1:]:
            os.close(extra)
        self._check(frame, version, len(came))
        return frame

    def _check(self, frame, version, descriptors):
        """What holds for every frame of a worker."""
        name = NAMES.get(frame.kind)
        if version != VERSION:
            raise Failed("a frame of version %d came" % version)
        if name is None or frame.kind < READY:
            raise Failed("a frame came of type %d, which no worker sends" % frame.kind)
        if descriptors != (1 if frame.kind in (SPILL, TAIL) else 0):
            raise Failed("%s came with %d descriptors" % (name, descriptors))
        if frame.kind in (GIVE_BACK, SPILL, TAIL):
            if frame.kind == GIVE_BACK and not REQUESTED <= frame.flags & ~IN_FILE <= FAILED:
                raise Failed("GIVE_BACK came with the flags %d, which say no reason" % frame.flags)
            if frame.kind == SPILL and frame.flags or frame.kind == TAIL and frame.flags > 3:
                raise Failed("%s came with the flags %d" % (name, frame.flags))
        elif frame.slot or frame.connection or frame.position or frame.flags:
            raise Failed("%s is about no connection, but its slot, connection, position and flags are not all 0" % name)
        elif frame.payload and frame.kind != READY:
            raise Failed("%s came with a payload" % name)
        if frame.kind == QUOTA_REACHED:
            self.is_on = self._may_be_on = False
        if frame.kind == PONG:
            self._pings -= 1
            if self._pings < 0:
                raise Failed("PONG came, but no PING was sent")
        if frame.kind == DUMPED:
            self._dumps -= 1
            if self._dumps < 0:
                raise Failed("DUMPED came, but no DUMP was sent")

    def find(self, kind, connection=0, timeout=None):
        """The first frame of this type, and about this connection, that has come or comes in time; or None."""
        return self.find_any((kind,), connection, timeout)

    def find_any(self, kinds, connection=0, timeout=None):
        """The same for one of several types."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        looked_at = 0
        while True:
            while looked_at < len(self._inbox):
                frame = self._inbox[looked_at]
                if frame.kind in kinds and frame.connection == connection:
                    return self._inbox.pop(looked_at)
                looked_at += 1
            frame = self.read_frame(deadline)
            while frame is None and timeout != 0 and not self._ended and not self.is_late(deadline):
                frame = self.read_frame(time.monotonic() + LOOK_SECONDS)
            if frame is None:
                return None
            self._inbox.append(frame)

    def find_while(self, condition, kind, connection=0):
        """The same for one type, for as long as a condition holds."""
        while condition():
            frame = self.find(kind, connection, LOOK_SECONDS)
            if frame is not None:
                return frame
        return self.find(kind, connection, 0)

    # ---- time

    def is_late(self, deadline):
        """Whether a deadline has passed, and the worker has not been doing since then what is waited for."""
        now = time.monotonic()
        if now < deadline:
            return False
        is_busy, had = self._processor()
        if self._late_at != deadline:
            self._late_at, self._had_then = deadline, had
        return not is_busy or had - self._had_then > PROCESSOR_SECONDS or now > deadline + STARVED_SECONDS

    def _processor(self):
        """Whether a thread of the worker runs, is kept from it by others, or waits for a disk; and how many seconds of a
        processor all of them have had."""
        is_busy = False
        ticks = 0
        for pid in self.processes():
            try:
                for task in os.listdir("/proc/%d/task" % pid):
                    with open("/proc/%d/task/%s/stat" % (pid, task)) as stat:
                        fields = stat.read().rpartition(")")[2].split()
                        is_busy = is_busy or fields[0] in ("R", "D")
                        ticks += int(fields[11]) + int(fields[12])
            except OSError:
                continue
        return is_busy, ticks / os.sysconf("SC_CLK_TCK")

    def expect(self, kind, connection=0, timeout=None):
        frame = self.find(kind, connection, timeout)
        if frame is None:
            about = " about connection %d" % connection if connection else ""
            raise Failed(
                "%s%s did not come%s"
                % (
                    NAMES[kind],
                    about,
                    ": the control socket has ended" if self._ended else " within %g s" % (timeout or self.timeout),
                )
            )
        return frame

    def barrier(self):
        """Waits until the worker has read all frames; what it sends in return at once has come then."""
        self.send(PING)
        self.expect(PONG)

    def has_come(self, kind, connection=0):
        """Whether such a frame has come by now."""
        return self.find(kind, connection, 0) is not None

    def await_ready(self):
        """Waits for READY, which is the first frame."""
        deadline = time.monotonic() + max(self.timeout, 30)
        frame = None
        while frame is None and not self._ended and time.monotonic() < deadline:
            frame = self.read_frame(min(deadline, time.monotonic() + 0.1))
            if not self.is_alive() and frame is None:
                break
        if frame is None:
            if self._ended:
                self.exit_status()
            status = self.process.poll()
            said = self.output().decode("utf-8", "replace").strip()[-600:]
            raise CannotStart(
                ("its process exited with status %d before READY" % status if status is not None else "READY did not come")
                + (", and it said: " + said if said else "")
            )
        if frame.kind != READY:
            raise Failed("%s came before READY" % NAMES[frame.kind])
        os.unlink(self._scoreboard_path)
        self.tell("deletes the scoreboard's file, as READY has come")
        return frame

    # ---- the scoreboard

    def number(self, at):
        return struct.unpack_from("=Q", self.scoreboard, at)[0]

    def requests(self):
        return self.number(REQUESTS_AT)

    def state(self, slot):
        return self.scoreboard[RECORD * (slot + 1)]

    def told(self, slot, name):
        return self.number(RECORD * (slot + 1) + NUMBERS[name])

    def journal(self, slot, offset, length):
        at = RECORD * (slot + 1) + JOURNAL + offset
        return self.scoreboard[at : at + length]

    def await_state(self, slot, *states):
        """Waits until a slot's state is one of these."""
        self.until(
            lambda: self.state(slot) in states,
            lambda: "the state of slot %d is %s, not %s"
            % (slot, name_of(self.state(slot)), " or ".join(STATE_NAMES[one] for one in states)),
        )
        self.tell("slot %d says %s" % (slot, name_of(self.state(slot))), "<")

    def until(self, condition, otherwise, timeout=None):
        """Waits for what shows without a frame."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while not condition():
            if not self.is_alive():
                raise Failed("the process has exited with status %d" % self.process.returncode)
            if self.is_late(deadline):
                raise Failed(otherwise())
            select.select([], [], [], 0.002)

    # ---- descriptors

    def processes(self):
        """The worker's process and those that it has started."""
        found = [self.process.pid]
        for pid in found:
            try:
                for task in os.listdir("/proc/%d/task" % pid):
                    with open("/proc/%d/task/%s/children" % (pid, task)) as children:
                        found.extend(int(child) for child in children.read().split())
            except OSError:
                continue
        return found

    def descriptors(self):
        """What the worker's processes have open, as /proc names it: pairs of a number and a target."""
        found = []
        for pid in self.processes():
            try:
                for number in os.listdir("/proc/%d/fd" % pid):
                    try:
                        found.append((int(number), os.readlink("/proc/%d/fd/%s" % (pid, number))))
                    except OSError:
                        continue
            except OSError:
                continue
        return found

    # ---- connections

    def connect(self, window=None):
        """A client's connection that the monitor has accepted, and hands off to nobody yet. window: about how many bytes
        are under way to a client that takes none."""
        client = Client(self, window)
        self.clients.append(client)
        return client


def name_of(state):
    return STATE_NAMES[state] if state < len(STATE_NAMES) else str(state)


class Client:
    """A client, and the monitor's own descriptor of its connection."""

    def __init__(self, worker, window=None):
        self._worker = worker
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            self.socket = socket.socket()
            self.socket.settimeout(worker.timeout)
            if window is not None:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            self.socket.connect(listener.getsockname())
            self.monitors, _ = listener.accept()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.monitors.setblocking(False)
        if window is not None:
            self.monitors.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, window)
        self.inode = os.readlink("/proc/self/fd/%d" % self.monitors.fileno())
        worker.next_id += 1
        self.id = worker.next_id
        self.slot = None
        self.sent = bytearray()
        # The GIVE_BACK that has made it the monitor's; None while the worker has it.
        self.back = None
        # Whether the worker was told that nobody has read anything: it may have to speak first.
        self.is_new = False
        self._received = bytearray()

    def close(self):
        self.socket.close()
        self.monitors.close()
        if self in self._worker.clients:
            self._worker.clients.remove(self)

    # ---- the monitor

    def move(self, worker):
        """Has it handed off to another worker from now on."""
        self._worker.clients.remove(self)
        self._worker = worker
        worker.clients.append(self)

    def hand_off(self, payload=b"", flags=0, slot=None, number=None, position=None, with_descriptor=True):
        """Hands it off with bytes that the monitor has read: they count as sent by the client."""
        worker = self._worker
        if slot is None:
            slot = worker.next_slot
            worker.next_slot += 1
        self.slot = slot
        self.back = None
        if slot < SLOTS:
            at = RECORD * (slot + 1)
            worker.scoreboard[at] = UNTAKEN
            worker.scoreboard[at + 8 : at + 56] = b"\xff" * 48
        if position is None:
            self.sent += payload
            position = len(self.sent) - self.unread()
        self.is_new = position == 0
        worker.send(
            CONNECTION,
            flags,
            slot,
            self.id if number is None else number,
            position,
            payload,
            self.monitors.fileno() if with_descriptor else -1,
        )

    def hand_off_again(self, frame, payload=None):
        """Hands it off once more, after it was given back."""
        self.hand_off(frame.payload if payload is None else payload, position=frame.position)

    def unread(self):
        """How many bytes are in the monitor's socket."""
        count = array.array("i", [0])
        fcntl.ioctl(self.monitors.fileno(), termios.FIONREAD, count)
        return count[0]

    def _read(self, expected):
        """How many bytes were read from it. What the client has sent may take a moment to arrive."""
        deadline = time.monotonic() + self._worker.timeout
        while len(self.sent) - self.unread() != expected and time.monotonic() < deadline:
            select.select([], [], [], LOOK_SECONDS / 10)
        return len(self.sent) - self.unread()

    def given_back(self, reason=None, unused=None, timeout=None):
        """Waits until it is given back, and checks what holds for every GIVE_BACK.

        unused: the bytes that the worker has to leave unused, whether it has read them or not.
        """
        frame = self._worker.expect(GIVE_BACK, self.id, timeout)
        return self.check_given_back(frame, reason, unused)

    def check_given_back(self, frame, reason=None, unused=None):
        self.back = frame
        if frame.slot != self.slot:
            raise Failed("GIVE_BACK names slot %d; the connection is in slot %d" % (frame.slot, self.slot))
        if reason is not None and frame.flags & ~IN_FILE != reason:
            raise Failed("GIVE_BACK has the flags %d; the reason is %d" % (frame.flags, reason))
        if frame.flags & ~IN_FILE in (NOT_TAKEN, FAILED):
            return frame
        read = self._read(frame.position)
        if frame.position != read:
            raise Failed("GIVE_BACK says that %d bytes were read; the kernel says %d" % (frame.position, read))
        payload = frame.payload[8:] if frame.flags & IN_FILE else frame.payload
        if bytes(self.sent[read - len(payload) : read]) != payload:
            raise Failed("GIVE_BACK brings bytes that are not the last ones that were read")
        if not frame.flags & IN_FILE and unused is not None:
            left = payload + bytes(self.sent[read:])
            if left != unused:
                raise Failed("what is unused is %s, not %s" % (short(left), short(unused)))
        if any(target == self.inode for _, target in self._worker.descriptors()):
            raise Failed("GIVE_BACK came, and the worker has the connection's descriptor open still")
        if self.has_ended():
            raise Failed("GIVE_BACK came, and the connection was shut down")
        return frame

    def has_ended(self):
        """Whether the client would see that its connection has ended, or ended already."""
        return self._peek() == b""

    def _peek(self):
        """The next byte; b"" at the end, None where there is none."""
        self.socket.settimeout(0)
        try:
            return self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    # ---- the client

    def send(self, data):
        self._worker.tell("client %d sends %s" % (self.id, short(data)))
        self.sent += data
        self.socket.settimeout(self._worker.timeout)
        try:
            self.socket.sendall(data)
        except OSError as e:
            raise Failed("client %d cannot send: %s" % (self.id, e)) from None

    def _more(self, deadline, what):
        while True:
            self.socket.settimeout(max(deadline - time.monotonic(), LOOK_SECONDS))
            try:
                data = self.socket.recv(65536)
                break
            except (TimeoutError, BlockingIOError):
                if self._worker.is_late(deadline):
                    raise Failed(
                        "%s did not come to client %d in time; it has got %s" % (what, self.id, short(self._received))
                    ) from None
            except OSError as e:
                raise Failed("%s did not come to client %d: %s" % (what, self.id, e)) from None
        self._received += data
        return bool(data)

    def response(self, timeout=None, head_only=False):
        """Reads one response: its status and its body."""
        deadline = time.monotonic() + (timeout or self._worker.timeout)
        while b"\r\n\r\n" not in self._received:
            if not self._more(deadline, "a response"):
                raise Failed("client %d's connection ended before a response" % self.id)
        head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
        self._received[:] = rest
        lines = head.split(b"\r\n")
        if not lines[0].startswith(b"HTTP/1.1 ") or not lines[0][9:12].isdigit():
            raise Failed("client %d got %s, which is no response" % (self.id, short(head)))
        status = int(lines[0][9:12])
        if status == 100:
            return self.response(deadline - time.monotonic(), head_only)
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            fields[name.strip().lower()] = value.strip()
        if head_only or status in (204, 304):
            body = b""
        elif fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = self._chunks(deadline)
        elif b"content-length" in fields:
            body = self._take(int(fields[b"content-length"]), deadline)
        else:
            while self._more(deadline, "the end of a response"):
                pass
            body = self._take(len(self._received), deadline)
        self._worker.tell("client %d gets %d %s" % (self.id, status, short(body)), "<")
        return status, body

    def take(self, count, meanwhile, timeout=None):
        """Reads so many bytes. meanwhile waits for a moment, or for what may bring more of them."""
        deadline = time.monotonic() + (timeout or self._worker.timeout)
        self.socket.settimeout(0)
        while len(self._received) < count:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                if self._worker.is_late(deadline):
                    raise Failed(
                        "an answer did not come to client %d in time; it has got %s" % (self.id, short(self._received))
                    ) from None
                meanwhile()
                continue
            except OSError as e:
                raise Failed("an answer did not come to client %d: %s" % (self.id, e)) from None
            if not data:
                raise Failed("client %d's connection ended before an answer" % self.id)
            self._received += data
        taken = bytes(self._received[:count])
        del self._received[:count]
        self._worker.tell("client %d gets %s" % (self.id, short(taken)), "<")
        return taken

    def _take(self, count, deadline):
        while len(self._received) < count:
            if not self._more(deadline, "the rest of a response"):
                raise Failed("client %d's response is cut" % self.id)
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def _chunks(self, deadline):
        body = bytearray()
        while True:
            while b"\r\n" not in self._received:
                if not self._more(deadline, "a chunk"):
                    raise Failed("client %d's response is cut" % self.id)
            size = int(self._take(self._received.index(b"\r\n") + 2, deadline).split(b";")[0], 16)
            body += self._take(size + 2, deadline)[:-2]
            if size == 0:
                return bytes(body)

    def nothing_more(self):
        """Whether nothing came behind the responses that were read."""
        return not self._received and not self._peek()

    def await_end(self, timeout=None):
        """Waits until the connection has ended, though the monitor holds it too."""
        deadline = time.monotonic() + (timeout or self._worker.timeout)
        try:
            while self._more(deadline, "the end of the connection"):
                pass
        except Failed as e:
            if "did not come to client %d in time" % self.id in str(e):
                raise
        self._worker.tell("client %d's connection has ended" % self.id, "<")
