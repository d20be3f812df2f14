"""OFF, ON and RETIRE."""

from handoff_check.monitor import ANSWERING, HANDLING, OFF, ON, REQUESTED, RETIRE, Skipped
from handoff_check.rules.rule import BOTH, await_exit, check, require
from handoff_check.rules.subject import ok


@check("off.idle", BOTH)
def off_idle(subject):
    """At OFF idle connections are given back as REQUESTED, without bytes."""
    clients = [subject.kept() for _ in range(3)]
    subject.worker.send(OFF)
    for client in clients:
        client.given_back(REQUESTED, b"")
    subject.worker.send(ON)


@check("off.untouched", BOTH)
def off_untouched(subject):
    """At OFF a connection that no byte of a request came on is given back."""
    client = subject.untouched()
    subject.worker.send(OFF)
    client.given_back(REQUESTED, b"")
    subject.worker.send(ON)


@check("off.reading", BOTH)
def off_reading(subject):
    """At OFF a connection with a part of a request is given back with these bytes."""
    client = subject.reading()
    subject.worker.send(OFF)
    frame = client.given_back(REQUESTED, bytes(client.sent))
    subject.worker.send(ON)
    client.hand_off_again(frame)
    client.send(subject.rest)
    subject.answered(client)


@check("off.response")
def off_response(subject):
    """At OFF a connection whose handler runs is given back behind its response, with what was read since."""
    client = subject.handling(1500)
    client.send(subject.hello)
    subject.worker.send(OFF)
    ok(client.response())
    client.given_back(REQUESTED, subject.hello)
    require(client.nothing_more(), "the request behind it was answered")
    subject.worker.send(ON)


@check("off.waiting")
def off_waiting(subject):
    """At OFF a connection whose request waits for a handler is given back now, with its request."""
    busy = subject.handling(2000)
    client = subject.worker.connect()
    client.hand_off(subject.hello)
    subject.worker.barrier()
    if not client.nothing_more() or subject.worker.state(client.slot) in (HANDLING, ANSWERING):
        raise Skipped("this worker calls several handlers at a time")
    subject.worker.send(OFF)
    client.given_back(REQUESTED, subject.hello)
    require(subject.worker.state(busy.slot) in (HANDLING, ANSWERING), "it came only when the other handler had ended")
    ok(busy.response())
    busy.given_back(REQUESTED)
    subject.worker.send(ON)


@check("off.under-way", BOTH)
def off_under_way(subject):
    """A connection that arrives after OFF is given back at once, unread."""
    subject.worker.send(OFF)
    client = subject.worker.connect()
    client.send(subject.hello)
    client.hand_off(position=0)
    frame = client.given_back(REQUESTED, subject.hello)
    require(frame.position == 0 and not frame.payload, "it was read")
    client = subject.worker.connect()
    client.hand_off(subject.hello)
    client.given_back(REQUESTED, subject.hello)
    require(client.nothing_more(), "its request was answered")
    subject.worker.send(ON)


@check("off.alive", BOTH)
def off_alive(subject):
    """After OFF the worker stays alive, and after ON it serves again."""
    subject.worker.send(OFF)
    subject.worker.barrier()
    subject.worker.send(ON)
    subject.served()


@check("retire.idle", BOTH, alone=True)
def retire_idle(subject):
    """At RETIRE a worker that holds no connection exits with status 0."""
    subject.worker.send(RETIRE)
    await_exit(subject.worker, 0)


@check("retire.held", BOTH, alone=True)
def retire_held(subject):
    """At RETIRE connections are given back as at OFF, then the worker exits with status 0."""
    kept = subject.kept_if_any()
    reading = subject.reading_if_any()
    subject.worker.send(RETIRE)
    if kept is not None:
        kept.given_back(REQUESTED, b"")
    if reading is not None:
        reading.given_back(REQUESTED, bytes(reading.sent))
    await_exit(subject.worker, 0)


@check("retire.response", alone=True)
def retire_response(subject):
    """At RETIRE the worker finishes the response in progress and gives its connection back before it exits with 0."""
    client = subject.handling(1500)
    subject.worker.send(RETIRE)
    ok(client.response())
    client.given_back(REQUESTED, b"")
    await_exit(subject.worker, 0)


@check("retire.on", alone=True)
def retire_on(subject):
    """After RETIRE an ON does not bring the worker back."""
    client = subject.handling(1500)
    subject.worker.send(RETIRE)
    subject.worker.send(ON)
    other = subject.worker.connect()
    other.hand_off(subject.hello)
    other.given_back(REQUESTED, subject.hello)
    ok(client.response())
    client.given_back(REQUESTED, b"")
    await_exit(subject.worker, 0)
