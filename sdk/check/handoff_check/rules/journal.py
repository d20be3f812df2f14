"""The journal: the bytes of a request that a dead worker had read."""

import socket
import struct

from handoff_check.monitor import HANDLING, READING, STATE_IDLE, UNKNOWN, Skipped, short
from handoff_check.rules.rule import check, require
from handoff_check.rules.subject import ok


def journaled(subject, data):
    """A connection with a part of a request, whose journal the worker keeps."""
    client = subject.worker.connect()
    client.hand_off()
    client.send(data)
    subject.worker.until(lambda: client.unread() == 0, lambda: "the worker has not read a request")
    subject.worker.await_state(client.slot, READING)
    if subject.worker.told(client.slot, "first") == UNKNOWN:
        raise Skipped("this worker keeps no journal, and may")
    return client


def expect_journal(subject, client, request):
    """The journal has all that was read from that position on."""
    worker = subject.worker
    first = worker.told(client.slot, "first")
    require(first != UNKNOWN and first <= request, "first is %d, behind the request at %d" % (first, request))
    require(
        worker.told(client.slot, "request") == request,
        "request is %d, not %d" % (worker.told(client.slot, "request"), request),
    )
    kept = worker.journal(client.slot, request - first, len(client.sent) - request)
    require(
        kept == bytes(client.sent[request:]),
        "the journal has %s, not %s" % (short(kept), short(client.sent[request:])),
    )
    worker.tell("the journal has %s" % short(kept), "<")


@check("journal.reading")
def journal_reading(subject):
    """The journal of a worker that keeps one has what was read of a request, from the position that request says."""
    client = journaled(subject, subject.hello[:20])
    expect_journal(subject, client, 0)
    client.send(subject.hello[20:])
    ok(client.response())
    subject.worker.await_state(client.slot, STATE_IDLE)
    client.send(subject.hello[:15])
    subject.worker.until(lambda: client.unread() == 0, lambda: "the worker has not read a request")
    subject.worker.await_state(client.slot, READING)
    expect_journal(subject, client, len(subject.hello))


@check("journal.payload")
def journal_payload(subject):
    """CONNECTION's payload is copied into the journal, with first and request = position - its length."""
    journaled(subject, subject.hello[:20])
    client = subject.worker.connect()
    client.sent += b"earlier bytes of this connection"
    before = len(client.sent)
    client.hand_off(subject.hello[:20])
    subject.worker.barrier()
    subject.worker.await_state(client.slot, READING)
    require(subject.worker.told(client.slot, "first") == before, "first is %d" % subject.worker.told(client.slot, "first"))
    expect_journal(subject, client, before)


def written(client):
    """How many bytes were written to a connection, by whoever."""
    info = client.monitors.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    not_sent = struct.unpack_from("=I", info, 144)[0]
    sent, retransmitted = struct.unpack_from("=QQ", info, 200)
    return sent - retransmitted + not_sent


@check("journal.handling")
def journal_handling(subject):
    """When a handler is called, next is the position behind its request, begins is how many bytes had been written, and
    ends and answer are all ones."""
    worker = subject.worker
    client = journaled(subject, subject.hello[:20])
    client.send(subject.hello[20:])
    ok(client.response())
    worker.await_state(client.slot, STATE_IDLE)
    request = subject.slow(1000)
    client.send(request)
    worker.await_state(client.slot, HANDLING)
    for name, expected in (
        ("request", len(subject.hello)),
        ("next", len(subject.hello) + len(request)),
        ("begins", written(client)),
        ("ends", UNKNOWN),
        ("answer", UNKNOWN),
    ):
        value = worker.told(client.slot, name)
        require(value == expected, "%s is %d, not %d" % (name, value, expected))
    ok(client.response())


@check("journal.answered")
def journal_answered(subject):
    """When a response is written, request is next, and ends says twice how many bytes were written then, and 1 more
    where the connection is kept."""
    worker = subject.worker
    client = journaled(subject, subject.hello[:20])
    client.send(subject.hello[20:])
    ok(client.response())
    worker.await_state(client.slot, STATE_IDLE)
    require(worker.told(client.slot, "request") == len(subject.hello), "request is not behind the request")
    ends = worker.told(client.slot, "ends")
    require(ends == UNKNOWN or ends == 2 * written(client) + 1, "ends is %d; %d bytes were written" % (ends, written(client)))
