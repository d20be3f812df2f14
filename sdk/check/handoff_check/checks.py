"""The rules of docs/worker-protocol.md that can be seen from outside, each by name."""

import os
import select
import signal
import socket
import struct
import tempfile
import time

from handoff_check.monitor import (
    ANSWERING,
    CONNECTION,
    CONNECTION_AT,
    DISPATCH,
    DUMP,
    DUMPED,
    SPILLED,
    FOREIGN_CONTEXTS,
    FOREIGN,
    FREE,
    GIVE_BACK,
    HANDLING,
    HEADER,
    IDLE,
    IN_FILE,
    JOURNAL_BYTES,
    LEAVING,
    MAX_PAYLOAD,
    NO_SPILL,
    NOT_TAKEN,
    OFF,
    ON,
    SPILL,
    PING,
    PONG,
    QUICK,
    READING,
    READY,
    RECORD,
    REQUESTED,
    TAIL,
    RETIRE,
    SINCE_AT,
    SLOTS,
    SLOW,
    QUOTA_REACHED,
    STATE_IDLE,
    UNKNOWN,
    UNTAKEN,
    YIELD,
    Failed,
    Skipped,
    short,
)

CHECKS = []


class Check:
    """One rule. alone says that it needs a process of its own, with this environment too."""

    def __init__(self, name, rule, run, alone, environment):
        self.name = name
        self.rule = rule
        self.run = run
        self.alone = alone or bool(environment)
        self.environment = environment


def check(name, alone=False, **environment):
    """Makes a check of a function: its first line of documentation is the rule."""

    def add(run):
        rule = " ".join(run.__doc__.split())
        told = {"HANDOFF_" + key.upper(): value for key, value in environment.items()}
        CHECKS.append(Check(name, rule, run, alone, told))
        return run

    return add


def get(path, *fields, method="GET"):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


class Subject:
    """A worker that is ready, and what it serves."""

    def __init__(self, worker, options):
        self.worker = worker
        self.path = options.path
        self.hello = get(options.path)
        self._options = options

    def slow(self, milliseconds):
        """A request whose handler takes about so long."""
        return get(self._needed("slow").replace("{ms}", str(milliseconds)))

    def large(self, size):
        """A request whose response has about so many bytes."""
        return get(self._needed("large").replace("{bytes}", str(size)))

    def _needed(self, name):
        value = getattr(self._options, name)
        if value is None:
            raise Skipped("needs --%s" % name)
        return value

    def served(self):
        """A connection that the worker has answered a request on, and keeps."""
        client = self.worker.connect()
        client.hand_off()
        client.send(self.hello)
        ok(client.response())
        self.worker.await_state(client.slot, STATE_IDLE)
        return client

    def reading(self):
        """A connection of which the worker has read a part of a request."""
        client = self.worker.connect()
        client.hand_off()
        client.send(self.hello[:20])
        self.worker.until(lambda: client.unread() == 0, lambda: "the worker has read nothing of a request")
        self.worker.await_state(client.slot, READING)
        return client

    def handling(self, milliseconds):
        """A connection whose handler runs, for about so long."""
        request = self.slow(milliseconds)
        client = self.worker.connect()
        client.hand_off()
        client.send(request)
        self.worker.await_state(client.slot, HANDLING, ANSWERING)
        return client

    def nested(self):
        """A context inside the one that is served, and a request for it."""
        context = self.path.partition("?")[0].rstrip("/") + "/handoff-check-elsewhere"
        return context, get(context + "/x")


def ok(response):
    if not 200 <= response[0] < 400:
        raise Failed("the response has the status %d; --path names a path that is answered 2xx or 3xx" % response[0])
    return response[1]


def require(condition, otherwise):
    if not condition:
        raise Failed(otherwise)


def await_exit(worker, expected, timeout=None):
    status = worker.exit_status(timeout)
    require(status == expected, "the exit status is %d, not %d" % (status, expected))


# ---- the process


@check("process.ready")
def ready(subject):
    """READY is sent once, before any other frame; its payload is empty or has lines of a number, a space and a reason."""
    worker = subject.worker
    subject.served()
    worker.barrier()
    require(not worker.has_come(READY), "READY came twice")
    for line in worker.ready.payload.decode("utf-8").splitlines():
        number, space, reason = line.partition(" ")
        require(number.isdecimal() and space and reason, "READY has the line %r" % line)


@check("process.other-version", alone=True, protocol="2")
def other_version(subject):
    """A worker that does not speak the monitor's version says so on descriptor 2 and exits with status 2."""
    await_exit(subject.worker, 2, 3 * subject.worker.timeout)
    require(subject.worker.output().strip(), "it has written nothing")


@check("process.end-of-file", alone=True)
def end_of_file(subject):
    """At end of file on descriptor 0 the worker closes its connections and exits with status 0."""
    client = subject.served()
    subject.worker.leave()
    client.await_end()
    await_exit(subject.worker, 0)


@check("process.end-of-file.finishes", alone=True)
def end_of_file_finishes(subject):
    """At end of file on descriptor 0 the worker finishes the request it has before it exits with status 0."""
    client = subject.handling(1500)
    subject.worker.leave()
    ok(client.response())
    client.await_end()
    await_exit(subject.worker, 0)


@check("process.drain-timeout", drain_timeout="1")
def drain_timeout(subject):
    """A worker that has not finished within HANDOFF_DRAIN_TIMEOUT after the monitor's end exits with a status other
    than 0."""
    subject.handling(3000)
    began = time.monotonic()
    subject.worker.leave()
    status = subject.worker.exit_status(1.5 + subject.worker.timeout / 10)
    require(status != 0, "the exit status is 0, though a request was not finished")
    require(time.monotonic() - began > 0.5, "it did not wait for the request")


# ---- frames


def refused(subject):
    await_exit(subject.worker, 3)


@check("frames.unknown-type", alone=True)
def unknown_type(subject):
    """At a frame of an unknown type the worker exits with status 3."""
    subject.worker.send(200)
    refused(subject)


@check("frames.unknown-version", alone=True)
def unknown_version(subject):
    """At a frame of another version the worker exits with status 3."""
    subject.worker.send(PING, version=2)
    refused(subject)


@check("frames.short", alone=True)
def short_frame(subject):
    """At a frame shorter than a header the worker exits with status 3."""
    subject.worker.tell("a packet of 23 bytes")
    subject.worker.send_packet(HEADER.pack(1, PING, 0, 0, 0, 0)[:23])
    refused(subject)


@check("frames.long", alone=True)
def long_frame(subject):
    """At a frame longer than 131,096 bytes the worker exits with status 3."""
    client = subject.worker.connect()
    subject.worker.tell("a CONNECTION of 131,097 bytes")
    subject.worker.send_packet(
        HEADER.pack(1, CONNECTION, 0, 0, client.id, MAX_PAYLOAD + 1) + bytes(MAX_PAYLOAD + 1), client.monitors.fileno()
    )
    refused(subject)


@check("frames.descriptor", alone=True)
def descriptor_with_another_frame(subject):
    """At a descriptor with a frame other than CONNECTION and SPILLED the worker exits with status 3."""
    with tempfile.TemporaryFile() as file:
        subject.worker.send(PING, descriptor=file.fileno())
    refused(subject)


@check("frames.longest")
def longest_frame(subject):
    """A frame may have 131,096 bytes: the worker takes a CONNECTION with as many."""
    client = subject.worker.connect()
    count = MAX_PAYLOAD // len(subject.hello) - 1
    filler = get(subject.path, "X: " + "x" * (MAX_PAYLOAD - count * len(subject.hello) - len(subject.hello) - 5))
    client.hand_off(subject.hello * count + filler)
    require(len(client.sent) == MAX_PAYLOAD, "the check itself sends %d bytes" % len(client.sent))
    for _ in range(count + 1):
        ok(client.response())


@check("frames.ping")
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


@check("frames.dump")
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


@check("frames.connection-before-ready", alone=True)
def connection_before_ready(subject):
    """At a CONNECTION before READY the worker exits with status 3."""
    refused(subject)


@check("frames.no-such-slot", alone=True)
def no_such_slot(subject):
    """At a CONNECTION with a slot that does not exist the worker exits with status 3."""
    subject.worker.connect().hand_off(slot=SLOTS)
    refused(subject)


@check("frames.id-held", alone=True)
def id_held(subject):
    """At a CONNECTION with an id that the worker holds it exits with status 3."""
    client = subject.served()
    subject.worker.connect().hand_off(number=client.id)
    refused(subject)


@check("frames.earlier.payload", alone=True)
def earlier_payload(subject):
    """At a SPILLED with a payload of other than 8 bytes the worker exits with status 3."""
    with tempfile.TemporaryFile() as file:
        subject.worker.send(SPILLED, 0, 1, 1, 0, bytes(7), file.fileno())
    refused(subject)


@check("frames.elsewhere.line", alone=True)
def elsewhere_line(subject):
    """At a FOREIGN_CONTEXTS with a line that is not a host, a space and a context the worker exits with status 3."""
    subject.worker.send(FOREIGN_CONTEXTS, payload=b"localhost/without-a-space\n")
    refused(subject)


# ---- a connection


@check("connection.answers")
def answers(subject):
    """The worker answers the HTTP/1.1 requests on a connection, one after another."""
    client = subject.worker.connect()
    client.hand_off()
    for _ in range(3):
        client.send(subject.hello)
        ok(client.response())
    client.send(subject.hello * 3)
    for _ in range(3):
        ok(client.response())
    require(client.nothing_more(), "more responses came than requests were sent")


@check("connection.payload-first")
def payload_first(subject):
    """CONNECTION's payload comes before whatever is still to be read from the socket."""
    whole = subject.worker.connect()
    whole.hand_off(subject.hello)
    ok(whole.response())
    for cut in (1, 20, len(subject.hello) - 1):
        client = subject.worker.connect()
        client.hand_off(subject.hello[:cut])
        client.send(subject.hello[cut:] + subject.hello)
        ok(client.response())
        ok(client.response())


@check("connection.at-hand")
def at_hand(subject):
    """What the client has sent before the hand-off, and the monitor has not read, is read by the worker."""
    client = subject.worker.connect()
    client.send(subject.hello)
    client.hand_off(position=0)
    ok(client.response())


@check("connection.non-blocking")
def non_blocking(subject):
    """A connection is in non-blocking mode and stays so."""
    client = subject.served()
    require(not os.get_blocking(client.monitors.fileno()), "the monitor's descriptor is in blocking mode")
    client.send(subject.hello)
    ok(client.response())
    require(not os.get_blocking(client.monitors.fileno()), "the monitor's descriptor is in blocking mode")


@check("connection.shutdown")
def shuts_down(subject):
    """The worker ends a connection by shutdown, so that the client sees it though the monitor holds the socket too."""
    client = subject.worker.connect()
    client.hand_off()
    client.send(get(subject.path, "Connection: close"))
    ok(client.response())
    client.await_end()


@check("connection.client-ends")
def client_ends(subject):
    """When the client ends its connection, the worker shuts it down and closes its descriptor."""
    client = subject.served()
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


@check("connection.many")
def many(subject):
    """A worker serves any number of connections at a time (with the dispatch connection)."""
    clients = [subject.served() for _ in range(50)]
    for client in clients:
        client.send(subject.hello)
    for client in clients:
        ok(client.response())


@check("connection.once-more")
def once_more(subject):
    """A connection that was given back can be handed off again, in another slot, with the same id."""
    client = subject.served()
    subject.worker.send(OFF)
    frame = client.given_back(REQUESTED, b"")
    subject.worker.send(ON)
    client.hand_off_again(frame)
    client.send(subject.hello)
    ok(client.response())


@check("connection.without-descriptor")
def without_descriptor(subject):
    """At a CONNECTION without a descriptor the worker sends GIVE_BACK with NOT_TAKEN, and lives on."""
    client = subject.worker.connect()
    client.hand_off(subject.hello, with_descriptor=False)
    client.given_back(NOT_TAKEN)
    subject.served()


@check("connection.without-earlier")
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


@check("connection.earlier")
def earlier(subject):
    """A request that begins in SPILLED's file is read from there first, then from the payload, then from the socket; or
    the connection is given back as NOT_TAKEN."""
    client = subject.worker.connect()
    hello = subject.hello
    # What was answered before is in the file too, and so is more than the monitor speaks of.
    client.sent += b"before" + hello + hello[:10]
    with earlier_file(client.sent + b"beyond") as file:
        subject.worker.send(SPILLED, 0, subject.worker.next_slot, client.id, 6, (6).to_bytes(8, "big"), file.fileno())
        client.hand_off(hello[10:30], flags=1)
    client.send(hello[30:])
    if subject.worker.find_while(client.nothing_more, GIVE_BACK, client.id):
        raise Skipped("this worker wants nothing to do with files, and may")
    ok(client.response())
    ok(client.response())
    require(client.nothing_more(), "a third response came")


@check("connection.earlier.forgotten")
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


# ---- given back


@check("give-back.foreign")
def foreign(subject):
    """A request for a context that FOREIGN_CONTEXTS names is given back as FOREIGN, with its bytes, behind the response to the
    one before."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=(" %s\n" % context).encode())
    client = subject.worker.connect()
    client.hand_off(subject.hello + request + subject.hello)
    ok(client.response())
    client.given_back(FOREIGN, request + subject.hello)
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.foreign.host")
def foreign_host(subject):
    """FOREIGN_CONTEXTS's line may name a host: requests for that host are foreign, and those for others are not."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=("handoff-check.example %s\n" % context).encode())
    client = subject.worker.connect()
    client.hand_off()
    client.send(request)
    client.response()
    other = request.replace(b"localhost", b"handoff-check.example")
    client.send(other)
    client.given_back(FOREIGN, other)
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.foreign.replaced")
def foreign_replaced(subject):
    """A FOREIGN_CONTEXTS stands in place of what an earlier one said."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=(" %s\n" % context).encode())
    subject.worker.send(FOREIGN_CONTEXTS, payload=b" /handoff-check-other\n")
    client = subject.worker.connect()
    client.hand_off(request)
    client.response()
    subject.worker.barrier()
    require(not subject.worker.has_come(GIVE_BACK, client.id), "the former FOREIGN_CONTEXTS holds still")
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.idle")
def idle(subject):
    """An idle connection is given back as IDLE, after some seconds; a worker may hold it as long as it likes."""
    client = subject.served()
    if subject.worker.find(GIVE_BACK, client.id, 8) is None:
        raise Skipped("this worker holds an idle connection longer than 8 s, and may")
    subject.worker.story.append("  (looked at again, with what every GIVE_BACK has to be)")
    client = subject.served()
    client.given_back(IDLE, b"", 10)


@check("off.idle")
def off_idle(subject):
    """At OFF idle connections are given back as REQUESTED, without bytes."""
    clients = [subject.served() for _ in range(3)]
    subject.worker.send(OFF)
    for client in clients:
        client.given_back(REQUESTED, b"")
    subject.worker.send(ON)


@check("off.untouched")
def off_untouched(subject):
    """At OFF a connection that no byte of a request came on is given back."""
    client = subject.worker.connect()
    client.hand_off()
    subject.worker.await_state(client.slot, STATE_IDLE)
    subject.worker.send(OFF)
    client.given_back(REQUESTED, b"")
    subject.worker.send(ON)


@check("off.reading")
def off_reading(subject):
    """At OFF a connection with a part of a request is given back with these bytes."""
    client = subject.reading()
    subject.worker.send(OFF)
    frame = client.given_back(REQUESTED, bytes(client.sent))
    subject.worker.send(ON)
    client.hand_off_again(frame)
    client.send(subject.hello[20:])
    ok(client.response())


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


@check("off.under-way")
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


@check("off.alive")
def off_alive(subject):
    """After OFF the worker stays alive, and after ON it serves again."""
    subject.worker.send(OFF)
    subject.worker.barrier()
    subject.worker.send(ON)
    subject.served()


@check("retire.idle", alone=True)
def retire_idle(subject):
    """At RETIRE a worker that holds no connection exits with status 0."""
    subject.worker.send(RETIRE)
    await_exit(subject.worker, 0)


@check("retire.held", alone=True)
def retire_held(subject):
    """At RETIRE connections are given back as at OFF, then the worker exits with status 0."""
    clients = [subject.served(), subject.reading()]
    subject.worker.send(RETIRE)
    clients[0].given_back(REQUESTED, b"")
    clients[1].given_back(REQUESTED, bytes(clients[1].sent))
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


# ---- max requests, SIGTERM


@check("spent", max_requests="3")
def spent(subject):
    """When HANDOFF_MAX_REQUESTS requests were begun, the worker sends QUOTA_REACHED, begins no further one, and gives every
    connection back; at RETIRE it exits with status 0."""
    client = subject.worker.connect()
    client.hand_off(subject.hello * 5)
    for _ in range(3):
        ok(client.response())
    subject.worker.expect(QUOTA_REACHED)
    client.given_back(None, subject.hello * 2)
    require(client.nothing_more(), "more than 3 requests were answered")
    other = subject.worker.connect()
    other.hand_off(subject.hello)
    other.given_back(None, subject.hello)
    subject.worker.send(RETIRE)
    await_exit(subject.worker, 0)
    require(not subject.worker.has_come(QUOTA_REACHED), "QUOTA_REACHED came twice")


@check("leaving", alone=True)
def leaving(subject):
    """At SIGTERM the worker sends LEAVING and goes on; at RETIRE it exits with status 0."""
    kept = subject.served()
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    kept.send(subject.hello)
    ok(kept.response())
    subject.served()
    subject.worker.send(RETIRE)
    kept.given_back(REQUESTED, b"")
    await_exit(subject.worker, 0)


@check("leaving.not-replaced", drain_timeout="2")
def leaving_not_replaced(subject):
    """A worker that got SIGTERM, and no RETIRE within half of HANDOFF_DRAIN_TIMEOUT, sends QUOTA_REACHED, gives back what can
    go, and exits with status 0."""
    client = subject.served()
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.expect(QUOTA_REACHED, 0, 1 + subject.worker.timeout)
    client.given_back(None, b"")
    await_exit(subject.worker, 0)


@check("leaving.response", drain_timeout="4")
def leaving_response(subject):
    """A worker that leaves by SIGTERM finishes the request whose handler runs."""
    client = subject.handling(2500)
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.expect(QUOTA_REACHED, 0, 2 + subject.worker.timeout)
    ok(client.response())
    client.given_back(None, b"")
    await_exit(subject.worker, 0)


@check("leaving.in-time", drain_timeout="1")
def leaving_in_time(subject):
    """A worker that got SIGTERM ends within HANDOFF_DRAIN_TIMEOUT in any case."""
    subject.handling(4000)
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.exit_status(1.5 + subject.worker.timeout / 10)


def send_term(worker):
    worker.tell("sends SIGTERM")
    os.kill(worker.processes()[-1], signal.SIGTERM)


# ---- dispatch, balance


@check("dispatch.connection", dispatch="connection")
def dispatch_connection(subject):
    """With the dispatch connection the worker keeps connections, and sends neither FREE, SLOW nor QUICK."""
    client = subject.served()
    for _ in range(20):
        client.send(subject.hello)
        ok(client.response())
    subject.worker.barrier()
    for kind in (FREE, SLOW, QUICK):
        require(not subject.worker.has_come(kind), "a frame of type %d came" % kind)
    require(not subject.worker.has_come(GIVE_BACK, client.id), "the connection was given back")


@check("dispatch.request", dispatch="request")
def dispatch_request(subject):
    """With the dispatch request the worker gives each connection back behind its response, as DISPATCH, and sends FREE
    for each CONNECTION."""
    for _ in range(3):
        client = subject.worker.connect()
        client.hand_off(subject.hello + subject.hello)
        ok(client.response())
        client.given_back(DISPATCH, subject.hello)
        subject.worker.expect(FREE)
        require(client.nothing_more(), "the second request was answered too")
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "more FREE came than CONNECTION were sent")


@check("dispatch.request.incomplete", dispatch="request")
def dispatch_request_incomplete(subject):
    """With the dispatch request FREE comes at once where the request is not complete yet."""
    client = subject.worker.connect()
    client.hand_off(subject.hello[:20])
    subject.worker.expect(FREE)
    client.send(subject.hello[20:])
    ok(client.response())
    client.given_back(DISPATCH, b"")


@check("dispatch.request.handling", dispatch="request")
def dispatch_request_handling(subject):
    """With the dispatch request FREE comes when the handler has ended, not before."""
    client = subject.worker.connect()
    client.hand_off(subject.slow(1500))
    subject.worker.await_state(client.slot, HANDLING, ANSWERING)
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "FREE came while the handler ran")
    ok(client.response())
    subject.worker.expect(FREE)


@check("dispatch.adaptive", dispatch="adaptive")
def dispatch_adaptive(subject):
    """With the dispatch adaptive a worker whose handler runs for 1 ms while it holds other connections sends SLOW, gives
    back those whose handler was not called, and then sends FREE or QUICK."""
    others = [subject.served() for _ in range(2)]
    busy = subject.handling(2000)
    if subject.worker.find_while(busy.nothing_more, SLOW) is None:
        raise Skipped("this worker never sends SLOW, and is served as by connection")
    for client in others:
        if not subject.worker.has_come(GIVE_BACK, client.id):
            client.given_back(DISPATCH, b"")
    require(subject.worker.state(busy.slot) in (HANDLING, ANSWERING), "they came only when the handler had ended")
    ok(busy.response())
    busy.given_back(DISPATCH, b"")
    require(
        subject.worker.find_any((FREE, QUICK)),
        "neither FREE nor QUICK came when the handler had ended",
    )


@check("dispatch.adaptive.quick", dispatch="adaptive")
def dispatch_adaptive_quick(subject):
    """A worker that has sent SLOW sends QUICK, in place of a FREE, when its handlers have become quick again."""
    subject.served()
    busy = subject.handling(1000)
    if subject.worker.find_while(busy.nothing_more, SLOW) is None:
        raise Skipped("this worker never sends SLOW, and is served as by connection")
    ok(busy.response())
    for _ in range(200):
        said = subject.worker.find_any((FREE, QUICK))
        require(said, "neither FREE nor QUICK came when the handler had ended")
        if said.kind == QUICK:
            return
        client = subject.worker.connect()
        client.hand_off(subject.hello)
        ok(client.response())
        client.close()
    raise Failed("QUICK did not come within 200 requests; the handler of --path may take longer than 0.5 ms")


@check("yield")
def yields(subject):
    """At YIELD the worker gives so many connections back as DISPATCH, each behind its next complete response."""
    clients = [subject.served() for _ in range(3)]
    subject.worker.send(YIELD, 1)
    subject.worker.barrier()
    require(
        not any(subject.worker.has_come(GIVE_BACK, client.id) for client in clients),
        "a connection came back before it had answered a request",
    )
    clients[0].send(subject.hello)
    ok(clients[0].response())
    subject.worker.barrier()
    if subject.worker.find(GIVE_BACK, clients[0].id, 2) is None:
        raise Skipped("this worker gives no connection back for it, and is less well balanced")
    clients[1].send(subject.hello)
    ok(clients[1].response())
    # Behind a response the worker keeps the connection, or gives it back; either may come later than the response.
    subject.worker.await_state(clients[1].slot, STATE_IDLE)
    subject.worker.barrier()
    require(not subject.worker.has_come(GIVE_BACK, clients[1].id), "a second connection came back")
    subject.worker.send(YIELD, 1)
    clients[2].send(subject.hello)
    ok(clients[2].response())
    clients[2].given_back(DISPATCH, b"")


# ---- the scoreboard


@check("scoreboard.idle")
def scoreboard_idle(subject):
    """A slot's state leaves UNTAKEN when the worker takes the connection, and goes back to IDLE behind a response."""
    client = subject.worker.connect()
    client.hand_off()
    subject.worker.await_state(client.slot, STATE_IDLE)
    client.send(subject.hello)
    ok(client.response())
    subject.worker.await_state(client.slot, STATE_IDLE)


@check("scoreboard.reading")
def scoreboard_reading(subject):
    """A slot's state is READING while a part of a request was read; also where CONNECTION brought it."""
    subject.reading()
    client = subject.worker.connect()
    client.hand_off(subject.hello[:20])
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


@check("scoreboard.requests")
def scoreboard_requests(subject):
    """The scoreboard counts the requests answered since the start."""
    worker = subject.worker
    client = subject.served()
    before = worker.requests()
    require(before > 0, "the scoreboard says that none was answered")
    client.send(subject.hello * 5)
    for _ in range(5):
        ok(client.response())
    worker.until(lambda: worker.requests() == before + 5, lambda: "5 more were answered, and %d counted" % (worker.requests() - before))


@check("scoreboard.others")
def scoreboard_others(subject):
    """What the monitor wrote stays, and a slot without a connection is not written to."""
    worker = subject.worker
    client = subject.served()
    require(struct.unpack_from("=III", worker.scoreboard, 0) == (0x48534231, 1, SLOTS), "the monitor's numbers have changed")
    at = RECORD * (client.slot + 2)
    require(not any(worker.scoreboard[at : at + RECORD]), "the slot behind the connection's was written to")


# ---- the journal


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

