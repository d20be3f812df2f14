"""Files that the worker shares with the monitor: large requests (SPILL) and large responses (TAIL)."""

import os
import socket
import struct

from handoff_check.monitor import (
    IN_FILE,
    JOURNAL_BYTES,
    NO_SPILL,
    OFF,
    ON,
    REQUESTED,
    SPILL,
    TAIL,
    UNKNOWN,
    Skipped,
    short,
)
from handoff_check.rules.journal import journaled, written
from handoff_check.rules.rule import check, require
from handoff_check.rules.subject import get, ok


def overflowing(subject):
    """A connection with a large part of a request's body, in a file that the worker has told of; and that file."""
    journaled(subject, subject.hello[:20])
    client = subject.worker.connect()
    client.hand_off()
    head = get(subject.path, "Content-Length: 300000", method="POST")
    client.send(head + bytes(range(250)) * 160)
    subject.worker.until(lambda: client.unread() == 0, lambda: "the worker has not read a request")
    # The worker sends it before it looks at the next frame.
    subject.worker.barrier()
    frame = subject.worker.find(SPILL, client.id, 1)
    if frame is None:
        raise Skipped("this worker puts what its journal has no room for into no file, and may")
    require(frame.slot == client.slot, "SPILL names slot %d, not %d" % (frame.slot, client.slot))
    require(frame.position == 0, "SPILL says that the file begins at %d; the request begins at 0" % frame.position)
    return client, frame


@check("overflow.file")
def overflow_file(subject):
    """What the journal has no room for is in a file, whose descriptor comes with SPILL: file and journal together
    have all that was read of the request."""
    client, frame = overflowing(subject)
    worker = subject.worker
    sent = bytes(client.sent)

    def kept():
        first = worker.told(client.slot, "first")
        if first == UNKNOWN or first > len(sent) or len(sent) - first > JOURNAL_BYTES:
            return b""
        return os.pread(frame.descriptor, first, 0) + worker.journal(client.slot, 0, len(sent) - first)

    try:
        worker.until(lambda: kept() == sent, lambda: "they have %s, not %s" % (short(kept()), short(sent)))
        require(os.fstat(frame.descriptor).st_nlink == 0, "the file has a name")
    finally:
        os.close(frame.descriptor)


@check("overflow.given-back")
def overflow_given_back(subject):
    """A connection whose request begins in its file is given back with 256 in the flags; the payload is the position of
    the request's first byte, and what is behind the file's part."""
    client, frame = overflowing(subject)
    try:
        subject.worker.send(OFF)
        back = client.given_back(REQUESTED)
        require(back.flags == REQUESTED | IN_FILE, "the flags are %d" % back.flags)
        require(back.payload[:8] == bytes(8), "the request begins at 0; the payload says other")
        in_file = back.position - len(back.payload) + 8
        data = os.pread(frame.descriptor, in_file, 0) + back.payload[8:]
        require(data == bytes(client.sent[: back.position]), "file and payload are not what was sent")
    finally:
        os.close(frame.descriptor)
        subject.worker.send(ON)


@check("overflow.no-file")
def overflow_no_file(subject):
    """After NO_SPILL the worker sets first to all ones, until it begins the journal anew."""
    client, frame = overflowing(subject)
    os.close(frame.descriptor)
    worker = subject.worker
    worker.send(NO_SPILL, 0, client.slot, client.id, frame.position)
    worker.barrier()
    require(worker.told(client.slot, "first") == UNKNOWN, "first is %d" % worker.told(client.slot, "first"))


@check("rest.file")
def rest_file(subject):
    """What is left of a response that its client does not take is in a file, whose descriptor comes with TAIL before
    another handler is called; file and socket together have the whole response."""
    request = subject.large(16 << 20)
    worker = subject.worker
    journaled(subject, subject.hello[:20])
    client = worker.connect()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.hand_off()
    client.send(request)
    frame = worker.find(TAIL, client.id, worker.timeout)
    if frame is None:
        raise Skipped("this worker makes large responses not safe, and may")
    try:
        require(frame.slot == client.slot, "TAIL names slot %d, not %d" % (frame.slot, client.slot))
        require(frame.flags == 1, "TAIL says that the connection is not kept")
        require(24 <= len(frame.payload) <= 24 + 16384, "TAIL has a payload of %d bytes" % len(frame.payload))
        origin, capacity, end = struct.unpack_from("!qqq", frame.payload)
        before = frame.payload[24:]
        at = written(client)
        require(at <= end, "%d bytes were written, and the response ends at %d" % (at, end))
        rest = bytearray()
        if at < origin:
            require(origin - at <= len(before), "the bytes before the file are not all there")
            rest += before[len(before) - (origin - at) :]
            at = origin
        place = at - origin
        while at < end:
            where = place % capacity if capacity != -1 else place
            most = min(1 << 20, end - at, capacity - where if capacity != -1 else 1 << 20)
            piece = os.pread(frame.descriptor, most, where)
            require(piece, "the file ends %d bytes too early" % (end - at))
            rest += piece
            place += len(piece)
            at += len(piece)
        body = ok(client.response())
        require(body.endswith(bytes(rest[-4096:])), "the file's end is not the response's")
    finally:
        os.close(frame.descriptor)
