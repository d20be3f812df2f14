"""What holds for workers of any protocol only, or shows in another way than with HTTP: section "Any protocol"."""

import select
import socket

from handoff_check.monitor import (
    ANSWERING,
    DISPATCH,
    FREE,
    GIVE_BACK,
    OFF,
    ON,
    QUICK,
    QUOTA_REACHED,
    REQUESTED,
    RETIRE,
    SLOW,
    STATE_IDLE,
    UNKNOWN,
    UNTAKEN,
)
from handoff_check.rules.journal import written
from handoff_check.rules.rule import TCP, await_exit, check, require

# So many bytes are asked for to be under way to a client that takes none; the system makes some thousands of it.
WINDOW = 1024
MORE_THAN_WINDOW = 40000


# ---- as with HTTP


@check("process.end-of-file.finishes", TCP, alone=True)
def end_of_file_finishes(subject):
    """At end of file on descriptor 0 the worker finishes the request that it has read in part before it exits with
    status 0."""
    client = subject.reading()
    subject.worker.leave()
    client.send(subject.rest)
    subject.answered(client)
    client.await_end()
    await_exit(subject.worker, 0)


@check("process.drain-timeout", TCP, drain_timeout="1")
def drain_timeout(subject):
    """A worker whose client does not send the rest of a request exits within HANDOFF_DRAIN_TIMEOUT after the monitor's
    end; with a status other than 0, unless it has ended the connection."""
    client = subject.reading()
    subject.worker.leave()
    status = subject.worker.exit_status(1.5 + subject.worker.timeout / 10)
    require(status != 0 or client.has_ended(), "the exit status is 0, though a request was not finished")


@check("connection.shutdown", TCP)
def shuts_down(subject):
    """At its client's end the worker ends a connection by shutdown, so that the client sees it though the monitor holds
    the socket too."""
    client = subject.worker.connect()
    client.send(subject.part)
    client.socket.shutdown(socket.SHUT_WR)
    subject.worker.tell("client %d ends its side" % client.id)
    client.hand_off(position=0)
    poll = select.poll()
    poll.register(client.monitors.fileno(), 0)
    subject.worker.until(
        lambda: subject.came_back(client, 0) or poll.poll(0),
        lambda: "the monitor's descriptor shows no hang-up: the worker has not shut it down",
    )
    require(
        client.back is None or not client.back.payload,
        "it was given back with bytes, though no more can come: it is handed off again at once",
    )


@check("spent", TCP, max_requests="3")
def spent(subject):
    """When HANDOFF_MAX_REQUESTS requests were begun, the worker sends QUOTA_REACHED, begins no further one, and gives every
    connection back; at RETIRE it exits with status 0."""
    client = subject.connected()
    subject.ask(client, 3)
    subject.worker.expect(QUOTA_REACHED)
    subject.comes_back(client)
    other = subject.worker.connect()
    other.hand_off(subject.hello)
    other.given_back(None, subject.hello)
    require(other.nothing_more(), "more than 3 requests were answered")
    subject.worker.send(RETIRE)
    await_exit(subject.worker, 0)
    require(not subject.worker.has_come(QUOTA_REACHED), "QUOTA_REACHED came twice")


@check("dispatch.connection", TCP, dispatch="connection")
def dispatch_connection(subject):
    """With the dispatch connection the worker sends neither FREE, SLOW nor QUICK."""
    client = subject.served()
    subject.ask(client, 20)
    subject.worker.barrier()
    for kind in (FREE, SLOW, QUICK):
        require(not subject.worker.has_come(kind), "a frame of type %d came" % kind)


@check("dispatch.request", TCP, dispatch="request")
def dispatch_request(subject):
    """With the dispatch request the worker gives each connection back behind its response, as DISPATCH, and sends FREE
    for each CONNECTION."""
    for _ in range(3):
        client = subject.worker.connect()
        client.send(subject.hello)
        client.hand_off(position=0)
        subject.answered(client)
        subject.comes_back(client)
        require(client.back.flags == DISPATCH, "the flags are %d" % client.back.flags)
        subject.worker.expect(FREE)
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "more FREE came than CONNECTION were sent")


# ---- a connection that nobody has read from


@check("tcp.new", TCP)
def new(subject):
    """A new connection comes without bytes and with position 0; the worker keeps it, or gives it back as IDLE or DISPATCH,
    and answers when the client has sent something."""
    client = subject.connected()
    subject.settle(client)
    subject.worker.await_state(client.slot, STATE_IDLE)
    require(not client.has_ended(), "its connection was ended")
    subject.ask(client, 2)


@check("tcp.greeting", TCP)
def greeting(subject):
    """A worker that speaks first does so where the position is 0, and only there."""
    subject.greeting()
    subject.ask(subject.connected(), 1)
    client = subject.worker.connect()
    client.hand_off(subject.hello)
    subject.answered(client)
    require(client.nothing_more(), "more came than the answer")


@check("tcp.greeting.kept", TCP)
def greeting_kept(subject):
    """A worker that has spoken keeps the connection until the position is above 0, at OFF too: the next one would speak
    once more."""
    subject.greeting()
    client = subject.connected()
    subject.worker.send(OFF)
    subject.worker.barrier()
    require(not subject.worker.has_come(GIVE_BACK, client.id), "it was given back")
    client.send(subject.hello)
    frame = client.given_back(REQUESTED, subject.hello)
    require(frame.position > 0, "it was given back with position 0")
    subject.worker.send(ON)
    client.hand_off_again(frame)
    subject.answered(client)
    require(client.nothing_more(), "more came than the answer")


# ---- requests in part


@check("tcp.part", TCP)
def part(subject):
    """A connection with a part of a request stays with the worker until the rest has come: given back with its bytes, it
    would be handed off again at once."""
    client = subject.reading()
    for _ in range(3):
        subject.settle(client)
        require(client.back is None, "it was given back")
    client.send(subject.rest)
    subject.answered(client)


@check("tcp.part.others", TCP)
def part_others(subject):
    """A client that has sent a part of a request keeps no other waiting, and may send the rest later."""
    client = subject.reading()
    for _ in range(3):
        subject.served()
    client.send(subject.rest)
    subject.answered(client)


@check("tcp.part.behind", TCP)
def part_behind(subject):
    """A part of a request that was read with the one before is not lost, whether the connection stays or is given back
    with it."""
    client = subject.connected()
    client.send(subject.hello * 2 + subject.part)
    subject.answered(client, 2)
    subject.settle(client)
    client.send(subject.rest)
    subject.answered(client)
    require(client.nothing_more(), "more came than three answers")


@check("tcp.slow-client", TCP)
def slow_client(subject):
    """A client that does not take its answers keeps no other waiting, and gets them when it takes them."""
    worker = subject.worker
    client = worker.connect(WINDOW)
    client.send(subject.hello * (MORE_THAN_WINDOW // len(subject.answer) + 1))
    client.hand_off(position=0)

    def is_answering():
        is_full = not select.select([], [client.monitors], [], 0)[1]
        return is_full and client.back is None and worker.state(client.slot) == ANSWERING

    def is_stuck():
        while subject.pass_on(client):
            worker.barrier()
        answered = worker.requests()
        if not is_answering():
            return False
        worker.barrier()
        subject.look(client)
        return is_answering() and worker.requests() == answered

    worker.until(is_stuck, lambda: "the slot does not say that an answer is under way, though the client takes none")
    under_way = written(client) // len(subject.answer)
    for _ in range(3):
        subject.served()
    subject.answered(client, under_way + 1)


# ---- when the worker dies


@check("tcp.killed", TCP, alone=True)
def killed(subject):
    """When the worker is killed, the slots of connections without a request say so, their clients notice nothing, and
    another worker goes on with them."""
    worker = subject.worker
    clients = [subject.served() for _ in range(3)]
    subject.worker.barrier()
    worker.kill()
    for client in clients:
        read = len(client.sent) - client.unread()
        if client.back is None:
            require(worker.state(client.slot) in (UNTAKEN, STATE_IDLE), "the slot says that a request had come")
            request = worker.told(client.slot, "request")
            require(request in (UNKNOWN, read), "request is %d, and %d bytes were read" % (request, read))
        require(not client.has_ended(), "client %d's connection has ended" % client.id)
    with subject.another() as other:
        for client in clients:
            client.move(other.worker)
            client.hand_off()
            other.ask(client, 1)


@check("tcp.killed.part", TCP, alone=True)
def killed_part(subject):
    """When the worker is killed with a part of a request, its slot does not say that nothing of the request was read."""
    client = subject.reading()
    subject.worker.kill()
    request = subject.worker.told(client.slot, "request")
    require(request in (0, UNKNOWN), "request is %d; the request begins at 0" % request)
    require(not client.has_ended(), "client %d's connection has ended" % client.id)
