"""The response to one request, written by the thread of the handlers as far as the client takes it at once."""

import email.utils
import http
import os
import re
import tempfile
import threading
import time

from handoff import protocol
from handoff.request import TOKEN

# What of a response waits in memory for a client that is slower than its handler; the rest waits in a file.
MEMORY = 256 * 1024
PIECE = 64 * 1024
FIELD_NAME = re.compile(TOKEN)
FIELD_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*")
REASON = re.compile("[\t\x20-\x7e\x80-\xff]*")
HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "te", "proxy-connection"))


class Unsent:
    """Bytes that the client has not taken yet, in their order."""

    def __init__(self, memory):
        self._memory = memory
        self._first = bytearray()
        self._file = None
        self._read = 0
        self._written = 0

    def __len__(self):
        return len(self._first) + self._written - self._read

    def put(self, data):
        small = self._written == self._read and len(self._first) + len(data) <= MEMORY
        if small and self._memory.take(len(data)):
            self._first += data
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)
        rest = memoryview(data)
        while rest:
            count = os.pwrite(self._file.fileno(), rest, self._written)
            self._written += count
            rest = rest[count:]

    def first(self):
        if self._first:
            return self._first[:PIECE]
        return os.pread(self._file.fileno(), PIECE, self._read)

    def taken(self, count):
        if self._first:
            del self._first[:count]
            self._memory.give(count)
            return
        self._read += count
        if self._read == self._written:
            self._read = self._written = 0
            os.ftruncate(self._file.fileno(), 0)

    def close(self):
        self._memory.give(len(self._first))
        self._first.clear()
        if self._file is not None:
            self._file.close()


class Date:
    """The field Date, made once a second."""

    _second = 0
    _field = b""

    @classmethod
    def field(cls):
        now = int(time.time())
        if now != cls._second:
            cls._field = b"\r\nDate: " + email.utils.formatdate(now, usegmt=True).encode("ascii")
            cls._second = now
        return cls._field


def phrase(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def head(status, reason, fields, length, chunked, keep_alive, newer_than_10):
    """The bytes of a response's head. length is None where the head says none."""
    lines = [b"HTTP/1.1 %d %s" % (status, reason.encode("latin-1"))]
    if not any(name.lower() == "date" for name, _ in fields):
        lines.append(Date.field())
    for name, value in fields:
        lines.append(b"\r\n%s: %s" % (name.encode("ascii"), value.encode("latin-1")))
    if chunked:
        lines.append(b"\r\nTransfer-Encoding: chunked")
    elif length is not None:
        lines.append(b"\r\nContent-Length: %d" % length)
    if not keep_alive:
        lines.append(b"\r\nConnection: close")
    elif not newer_than_10:
        lines.append(b"\r\nConnection: keep-alive")
    lines.append(b"\r\n\r\n")
    return b"".join(lines)


def error_page(status, head_only):
    """A whole response, the last one of its connection."""
    text = b"%d %s\n" % (status, phrase(status).encode("ascii"))
    fields = [("Content-Type", "text/plain; charset=utf-8")]
    if status == 503:
        fields.append(("Retry-After", "1"))
    page = head(status, phrase(status), fields, len(text), False, False, True)
    return page if head_only else page + text


class ClientGone(OSError):
    """The client takes nothing of the response any more."""


class Output:
    """What goes to a client: sent at once where the socket takes it, else kept for the loop, which sends it on.

    Written to by the thread of the handlers, sent on by the loop; the lock is between these two.
    """

    def __init__(self, connection, limits, memory, wanted):
        """wanted is called, under the lock, when the loop is to send on."""
        self._connection = connection
        self._limits = limits
        self._wanted = wanted
        self._unsent = Unsent(memory)
        self._lock = threading.Condition()
        self.taken_at = 0
        self.begun_at = 0
        self.taken = 0
        # Why nothing can be sent any more.
        self.failure = None

    def __len__(self):
        with self._lock:
            return len(self._unsent)

    def write(self, data):
        """Raises ClientGone where nobody takes it."""
        with self._lock:
            self._wait_for_room()
            if self.failure is not None:
                raise ClientGone(str(self.failure))
            rest = memoryview(data)
            if not len(self._unsent):
                rest = rest[self._send(rest) :]
                if rest:
                    self.taken_at = self.begun_at = time.monotonic()
                    self.taken = 0
            if rest and self.failure is None:
                self._unsent.put(rest)
                self._wanted()

    def _wait_for_room(self):
        while self.failure is None and len(self._unsent) >= self._limits.spool:
            self._lock.wait()

    def _send(self, data):
        try:
            return self._connection.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as e:
            self.fail(e)
            return 0

    def send_on(self):
        """On the loop, when the socket takes more. Returns whether all was sent."""
        with self._lock:
            while len(self._unsent) and self.failure is None:
                count = self._send(self._unsent.first())
                if count == 0:
                    return False
                self.taken_at = time.monotonic()
                self.taken += count
                self._unsent.taken(count)
                if len(self._unsent) < self._limits.spool:
                    self._lock.notify()
            return True

    def is_stuck(self, now):
        """Whether the client takes nothing, or so little that it only pretends to."""
        with self._lock:
            patience = self._limits.write_timeout
            return len(self._unsent) > 0 and (
                now - self.taken_at > patience or now - self.begun_at > patience + self.taken / 500
            )

    def fail(self, cause):
        with self._lock:
            self.failure = cause
            self._lock.notify()

    def close(self):
        with self._lock:
            self._unsent.close()


class Response:
    """The response to one request. Called by the handler, on its thread."""

    def __init__(self, connection, output, request, may_keep):
        self._connection = connection
        self.socket = connection.socket
        self._output = output
        self._request = request
        self._head = None
        self._left = None
        self._chunked = False
        self._bodiless = False
        self.keep_alive = request.keep_alive and may_keep
        self.begun = False
        # Whether it was cut, so that its client must not take it for whole.
        self.cut = False

    def start(self, status, reason, fields, length=None):
        """Sets the head, in place of an earlier one; it is sent with the first bytes, or at the end.

        length is the body's where it is known and no field says it. Raises ValueError where the head cannot be sent.
        """
        if self.begun:
            raise ValueError("The response has begun")
        if not 200 <= status <= 599 or not REASON.fullmatch(reason):
            raise ValueError("The status %d %r is not valid" % (status, reason))
        kept = []
        said = None
        keep_alive = self.keep_alive
        for name, value in fields:
            if not FIELD_NAME.fullmatch(name) or not FIELD_VALUE.fullmatch(value):
                raise ValueError("The field %r: %r is not valid" % (name, value))
            low = name.lower()
            if low == "content-length":
                if not value.isdecimal() or said not in (None, int(value)):
                    raise ValueError("The field Content-Length: %s is not a length" % value)
                said = int(value)
            elif low == "connection" and value.lower() == "close":
                keep_alive = False
            elif low not in HOP_BY_HOP:
                kept.append((name, value))
        self._head = (status, reason, kept, length if said is None else said, keep_alive)

    def write(self, data):
        """Sends bytes of the body, and the head before them."""
        first = b""
        if not self.begun:
            first = self._begin()
        if self._bodiless or not data:
            data = b""
        elif self._left is not None:
            if len(data) > self._left:
                self.cut = True
                raise ValueError("The body is longer than Content-Length says")
            self._left -= len(data)
        elif self._chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        if first or data:
            self._output.write(first + data if first else data)

    def end(self):
        """Completes it."""
        end = b"" if self.begun else self._begin()
        if self._left:
            self.cut = True
            raise ValueError("The body is %d bytes shorter than Content-Length says" % self._left)
        if self._chunked:
            end += b"0\r\n\r\n"
        if end:
            self._output.write(end)

    def _begin(self):
        if self._head is None:
            raise ValueError("The handler has set no status")
        status, reason, fields, length, self.keep_alive = self._head
        newer = self._request.newer_than_10
        no_body = status in (204, 205, 304)
        self._bodiless = no_body or self._request.method == "HEAD"
        if not self._bodiless:
            self._left = length
            self._chunked = length is None and newer
            # Its end is the connection's.
            self.keep_alive &= length is not None or newer
        elif status == 205:
            length = 0
        elif no_body:
            length = None
        self.begun = True
        self._connection.state(protocol.STATE_ANSWERING)
        return head(
            status, reason, fields, length, self._chunked, self.keep_alive, newer
        )
