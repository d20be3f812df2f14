"""What the scoreboard says of a worker and of its connections."""

import struct
import time

from handoff_check.monitor import CONNECTION_AT, READING, RECORD, SINCE_AT, SLOTS, STATE_IDLE
from handoff_check.rules.rule import BOTH, check, require
from handoff_check.rules.subject import ok


@check("scoreboard.idle", BOTH)
def scoreboard_idle(subject):
    """A slot's state leaves UNTAKEN when the worker takes the connection, and goes back to IDLE behind a response."""
    client = subject.worker.connect()
    client.hand_off()
    subject.worker.await_state(client.slot, STATE_IDLE)
    client.send(subject.hello)
    subject.answered(client)
    subject.worker.await_state(client.slot, STATE_IDLE)


@check("scoreboard.reading", BOTH)
def scoreboard_reading(subject):
    """A slot's state is READING while a part of a request was read; also where CONNECTION brought it."""
    subject.reading()
    client = subject.worker.connect()
    client.hand_off(subject.part)
    subject.worker.barrier()
    subject.worker.await_state(client.slot, READING)


@check("scoreboard.handling")
def scoreboard_handling(subject):
    """While a handler runs, the slot's state is HANDLING or ANSWERING, and the scoreboard says which connection, and
    since when; both are 0 behind it."""
    worker = subject.worker
    before = time.time() * 1000
    client = subject.handling(1500)
    worker.until(
        lambda: worker.number(CONNECTION_AT) == client.id,
        lambda: "the connection whose handler runs is %d; the scoreboard says %d" % (client.id, worker.number(CONNECTION_AT)),
    )
    since = worker.number(SINCE_AT)
    require(before - 1000 <= since <= time.time() * 1000 + 1000, "the scoreboard says that it runs since %d" % since)
    ok(client.response())
    worker.until(
        lambda: worker.number(CONNECTION_AT) == 0 and worker.number(SINCE_AT) == 0,
        lambda: "the scoreboard says that a handler runs still",
    )


@check("scoreboard.requests", BOTH)
def scoreboard_requests(subject):
    """The scoreboard counts the requests answered since the start."""
    worker = subject.worker
    client = subject.served()
    before = worker.requests()
    require(before > 0, "the scoreboard says that none was answered")
    subject.ask(client, 5)
    worker.until(lambda: worker.requests() == before + 5, lambda: "5 more were answered, and %d counted" % (worker.requests() - before))


@check("scoreboard.others", BOTH)
def scoreboard_others(subject):
    """What the monitor wrote stays, and a slot without a connection is not written to."""
    worker = subject.worker
    client = subject.served()
    require(struct.unpack_from("=III", worker.scoreboard, 0) == (0x48534231, 1, SLOTS), "the monitor's numbers have changed")
    at = RECORD * (client.slot + 2)
    require(not any(worker.scoreboard[at : at + RECORD]), "the slot behind the connection's was written to")
