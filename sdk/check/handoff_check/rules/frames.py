"""Frames: which are valid, and which are answered at once."""

import tempfile

from handoff_check.monitor import (
    ANSWERING,
    CONNECTION,
    DUMP,
    DUMPED,
    FOREIGN_CONTEXTS,
    HANDLING,
    HEADER,
    MAX_PAYLOAD,
    PING,
    PONG,
    SLOTS,
    SPILLED,
)
from handoff_check.rules.rule import BOTH, await_exit, check, require
from handoff_check.rules.subject import ok


def refused(subject):
    await_exit(subject.worker, 3)


@check("frames.unknown-type", BOTH, alone=True)
def unknown_type(subject):
    """At a frame of an unknown type the worker exits with status 3."""
    subject.worker.send(200)
    refused(subject)


@check("frames.unknown-version", BOTH, alone=True)
def unknown_version(subject):
    """At a frame of another version the worker exits with status 3."""
    subject.worker.send(PING, version=2)
    refused(subject)


@check("frames.short", BOTH, alone=True)
def short_frame(subject):
    """At a frame shorter than a header the worker exits with status 3."""
    subject.worker.tell("a packet of 23 bytes")
    subject.worker.send_packet(HEADER.pack(1, PING, 0, 0, 0, 0)[:23])
    refused(subject)


@check("frames.long", BOTH, alone=True)
def long_frame(subject):
    """At a frame longer than 131,096 bytes the worker exits with status 3."""
    client = subject.worker.connect()
    subject.worker.tell("a CONNECTION of 131,097 bytes")
    subject.worker.send_packet(
        HEADER.pack(1, CONNECTION, 0, 0, client.id, MAX_PAYLOAD + 1) + bytes(MAX_PAYLOAD + 1), client.monitors.fileno()
    )
    refused(subject)


@check("frames.descriptor", BOTH, alone=True)
def descriptor_with_another_frame(subject):
    """At a descriptor with a frame other than CONNECTION and SPILLED the worker exits with status 3."""
    with tempfile.TemporaryFile() as file:
        subject.worker.send(PING, descriptor=file.fileno())
    refused(subject)


@check("frames.longest", BOTH)
def longest_frame(subject):
    """A frame may have 131,096 bytes: the worker takes a CONNECTION with as many."""
    client = subject.worker.connect()
    payload, answers = subject.filling(MAX_PAYLOAD)
    client.hand_off(payload)
    require(len(client.sent) == MAX_PAYLOAD, "the check itself sends %d bytes" % len(client.sent))
    for _ in range(answers):
        subject.answered(client)


@check("frames.ping", BOTH)
def ping(subject):
    """PING is answered with PONG, once each."""
    for _ in range(3):
        subject.worker.barrier()
    subject.served()
    require(not subject.worker.has_come(PONG), "more PONG came than PING were sent")


@check("frames.ping.handling")
def ping_handling(subject):
    """PING is answered at once, while a handler runs."""
    client = subject.handling(2000)
    subject.worker.barrier()
    require(subject.worker.state(client.slot) in (HANDLING, ANSWERING), "PONG came only when the handler had ended")
    require(client.nothing_more(), "PONG came only when the response was there")
    ok(client.response())


@check("frames.dump", BOTH)
def dump(subject):
    """At DUMP the worker writes what it does to descriptor 1 or 2, then sends DUMPED."""
    before = len(subject.worker.output())
    subject.worker.send(DUMP)
    subject.worker.expect(DUMPED)
    require(len(subject.worker.output()) > before, "DUMPED came, and nothing was written")


@check("frames.dump.handling")
def dump_handling(subject):
    """DUMP works while a handler hangs."""
    client = subject.handling(2000)
    subject.worker.send(DUMP)
    subject.worker.expect(DUMPED)
    require(subject.worker.state(client.slot) in (HANDLING, ANSWERING), "DUMPED came only when the handler had ended")
    ok(client.response())


@check("frames.connection-before-ready", BOTH, alone=True)
def connection_before_ready(subject):
    """At a CONNECTION before READY the worker exits with status 3."""
    refused(subject)


@check("frames.no-such-slot", BOTH, alone=True)
def no_such_slot(subject):
    """At a CONNECTION with a slot that does not exist the worker exits with status 3."""
    subject.worker.connect().hand_off(slot=SLOTS)
    refused(subject)


@check("frames.id-held", BOTH, alone=True)
def id_held(subject):
    """At a CONNECTION with an id that the worker holds it exits with status 3."""
    client = subject.held()
    subject.worker.connect().hand_off(number=client.id)
    refused(subject)


@check("frames.earlier.payload", BOTH, alone=True)
def earlier_payload(subject):
    """At a SPILLED with a payload of other than 8 bytes the worker exits with status 3."""
    with tempfile.TemporaryFile() as file:
        subject.worker.send(SPILLED, 0, 1, 1, 0, bytes(7), file.fileno())
    refused(subject)


@check("frames.elsewhere.line", BOTH, alone=True)
def elsewhere_line(subject):
    """At a FOREIGN_CONTEXTS with a line that is not a host, a space and a context the worker exits with status 3."""
    subject.worker.send(FOREIGN_CONTEXTS, payload=b"localhost/without-a-space\n")
    refused(subject)
