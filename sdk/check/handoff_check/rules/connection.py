"""A connection that was handed off: its bytes, its mode, its end."""

import os
import select
import tempfile

from handoff_check.monitor import GIVE_BACK, NOT_TAKEN, OFF, ON, REQUESTED, SLOTS, SPILLED, Skipped
from handoff_check.rules.rule import BOTH, check, require
from handoff_check.rules.subject import get, ok


@check("connection.answers", BOTH)
def answers(subject):
    """The worker answers the requests on a connection, one after another."""
    client = subject.worker.connect()
    client.hand_off()
    for _ in range(3):
        client.send(subject.hello)
        subject.answered(client)
    client.send(subject.hello * 3)
    for _ in range(3):
        subject.answered(client)
    require(client.nothing_more(), "more responses came than requests were sent")


@check("connection.payload-first", BOTH)
def payload_first(subject):
    """CONNECTION's payload comes before whatever is still to be read from the socket."""
    whole = subject.worker.connect()
    whole.hand_off(subject.hello)
    subject.answered(whole)
    for cut in subject.cuts():
        client = subject.worker.connect()
        client.hand_off(subject.hello[:cut])
        client.send(subject.hello[cut:] + subject.hello)
        subject.answered(client)
        subject.answered(client)


@check("connection.at-hand", BOTH)
def at_hand(subject):
    """What the client has sent before the hand-off, and the monitor has not read, is read by the worker."""
    client = subject.worker.connect()
    client.send(subject.hello)
    client.hand_off(position=0)
    subject.answered(client)


@check("connection.non-blocking", BOTH)
def non_blocking(subject):
    """A connection is in non-blocking mode and stays so."""
    client = subject.served()
    require(not os.get_blocking(client.monitors.fileno()), "the monitor's descriptor is in blocking mode")
    client.send(subject.hello)
    subject.answered(client)
    require(not os.get_blocking(client.monitors.fileno()), "the monitor's descriptor is in blocking mode")


@check("connection.shutdown")
def shuts_down(subject):
    """The worker ends a connection by shutdown, so that the client sees it though the monitor holds the socket too."""
    client = subject.worker.connect()
    client.hand_off()
    client.send(get(subject.path, "Connection: close"))
    ok(client.response())
    client.await_end()


@check("connection.client-ends", BOTH)
def client_ends(subject):
    """When the client ends its connection, the worker shuts it down and closes its descriptor."""
    client = subject.held()
    client.socket.close()
    worker = subject.worker
    worker.tell("client %d closes its connection" % client.id)
    worker.until(
        lambda: not any(target == client.inode for _, target in worker.descriptors()),
        lambda: "the worker has the descriptor open still",
    )
    poll = select.poll()
    poll.register(client.monitors.fileno(), 0)
    require(poll.poll(worker.timeout * 1000), "the monitor's descriptor shows no hang-up: the worker has not shut it down")
    require(not worker.has_come(GIVE_BACK, client.id), "the worker has given back a connection that it has ended")


@check("connection.many", BOTH)
def many(subject):
    """A worker serves any number of connections at a time (with the dispatch connection)."""
    clients = [subject.served() for _ in range(50)]
    for client in clients:
        client.send(subject.hello)
    for client in clients:
        subject.answered(client)


@check("connection.once-more", BOTH)
def once_more(subject):
    """A connection that was given back can be handed off again, in another slot, with the same id."""
    client = subject.served()
    subject.worker.send(OFF)
    frame = subject.comes_back(client, REQUESTED)
    subject.worker.send(ON)
    client.hand_off_again(frame)
    client.send(subject.hello)
    subject.answered(client)


@check("connection.without-descriptor", BOTH)
def without_descriptor(subject):
    """At a CONNECTION without a descriptor the worker sends GIVE_BACK with NOT_TAKEN, and lives on."""
    client = subject.worker.connect()
    client.hand_off(subject.hello, with_descriptor=False)
    client.given_back(NOT_TAKEN)
    subject.served()


@check("connection.without-earlier", BOTH)
def without_earlier(subject):
    """At a CONNECTION with flags 1 and no SPILLED the worker sends GIVE_BACK with NOT_TAKEN, and lives on."""
    client = subject.worker.connect()
    client.hand_off(subject.hello, flags=1)
    client.given_back(NOT_TAKEN)
    subject.served()


def earlier_file(data):
    file = tempfile.TemporaryFile()
    file.write(data)
    file.flush()
    return file


@check("connection.earlier", BOTH)
def earlier(subject):
    """A request that begins in SPILLED's file is read from there first, then from the payload, then from the socket; or
    the connection is given back as NOT_TAKEN."""
    client = subject.worker.connect()
    hello = subject.hello
    first, second = subject.thirds()
    # What was answered before is in the file too, and so is more than the monitor speaks of.
    client.sent += b"before" + hello + hello[:first]
    with earlier_file(client.sent + b"beyond") as file:
        subject.worker.send(SPILLED, 0, subject.worker.next_slot, client.id, 6, (6).to_bytes(8, "big"), file.fileno())
        client.hand_off(hello[first:second], flags=1)
    client.send(hello[second:])
    frame = subject.worker.find_while(client.nothing_more, GIVE_BACK, client.id)
    if frame is not None and frame.flags == NOT_TAKEN:
        raise Skipped("this worker wants nothing to do with files, and may")
    if frame is not None:
        client.check_given_back(frame)
    subject.answered(client)
    subject.answered(client)
    require(client.nothing_more(), "a third response came")


@check("connection.earlier.forgotten", BOTH)
def earlier_forgotten(subject):
    """A SPILLED that is not followed by its CONNECTION is forgotten."""
    other = subject.worker.connect()
    client = subject.worker.connect()
    with earlier_file(subject.hello) as file:
        subject.worker.send(SPILLED, 0, SLOTS - 1, other.id, 0, bytes(8), file.fileno())
        client.hand_off(subject.hello, flags=1)
        client.given_back(NOT_TAKEN)
        subject.worker.send(SPILLED, 0, SLOTS - 1, other.id, 0, bytes(8), file.fileno())
        subject.served()
        other.hand_off(subject.hello, flags=1)
        other.given_back(NOT_TAKEN)
