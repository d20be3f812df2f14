"""HTTP/1.1 on the connections of a worker: one thread, the loop, reads requests and keeps the protocol with the monitor;
the main thread calls the handler, for one complete request after the other."""

import collections
import errno
import logging
import os
import select
import signal
import socket
import sys
import threading
import time

from handoff import protocol
from handoff.connections import Connections
from handoff.limits import Limits
from handoff.memory import Memory
from handoff.request import Contexts, Malformed, RequestReader
from handoff.response import ClientGone, Output, Response, error_page, phrase

LOG = logging.getLogger("handoff")

READ_SIZE = 64 * 1024
# What may wait unread while a request is answered: enough for a few pipelined ones.
READ_AHEAD = 16 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BYTES_PER_SECOND = 500
TICK = 0.5
# How long what a client sends behind its last response is thrown away, so that it can read that.
LINGER_SILENCE = 5
LINGER_LONGEST = 30

# A handler that runs for so long is slow: to give a connection away and get it again costs a fraction of it.
SLOW_SECONDS = 0.001
QUICK_SECONDS = SLOW_SECONDS / 2
# How much one request counts in the average, and as how much the longest one.
WEIGHT = 8
LONGEST_SECONDS = 0.008

READING, ASKED, FINISHING, LINGERING, ENDED = range(5)
GONE = select.EPOLLHUP | select.EPOLLERR
REFUSALS = (errno.ENOBUFS, errno.ENOMEM)


class Handlers:
    """The requests that wait for the handler's thread, which begins no more of them than it may."""

    def __init__(self, most, scoreboard, spent):
        self._most = most
        self._scoreboard = scoreboard
        self._spent = spent
        self._waiting = collections.deque()
        self._changed = threading.Condition()
        self._begun = 0
        self._since = 0.0
        self._ended = False
        self.average = 0.0

    def put(self, served):
        with self._changed:
            self._waiting.append(served)
            self._changed.notify()

    def take_back(self, served):
        """Whether no handler was called for it, and none will be."""
        with self._changed:
            if served in self._waiting:
                self._waiting.remove(served)
                return True
            return False

    def begin(self):
        """Waits for the next request that may begin; None at the end."""
        with self._changed:
            while not self._ended and (not self._waiting or self._most and self._begun >= self._most):
                self._changed.wait()
            if self._ended:
                return None
            served = self._waiting.popleft()
            self._begun += 1
            if self._begun == self._most:
                self._spent()
            self._since = time.monotonic()
            self._scoreboard.handling(served.connection.id)
            served.connection.state(protocol.STATE_HANDLING)
            return served

    def returned(self):
        with self._changed:
            taken = min(time.monotonic() - self._since, LONGEST_SECONDS)
            self.average += (taken - self.average) / WEIGHT
            self._since = 0.0
        self._scoreboard.handling(0)

    def is_idle(self):
        with self._changed:
            return not self._waiting and not self._since

    def running_seconds(self):
        since = self._since
        return time.monotonic() - since if since else 0.0

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify()


class Served:
    """One connection while this worker serves it. On the loop, but for what Response does."""

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        # Changed by the loop alone. ASKED is from a complete request to the handler's return: only Handlers says, under
        # its lock, whether the handler was called.
        self.phase = READING
        self.reader = RequestReader(server.limits, server.contexts, protocol.MAX_PAYLOAD, server.memory)
        self.output = Output(connection, server.limits, server.memory, self._send_on)
        self.response = None
        self._descriptor = connection.socket.fileno()
        self._mask = 0
        self._input_ended = False
        self._since = self._heard = time.monotonic()
        self._was_told = False
        self._told_reading = bool(connection.received) or connection.has_earlier()
        self._read_anew = 0
        # What came with the hand-off; behind what is in a file.
        self._rest = connection.received
        connection.received = b""
        # Of the present response, once its handler has returned.
        self._keep_alive = False
        # Whether bytes of the next request were thrown away.
        self._has_lost = False

    def descriptor(self):
        return self._descriptor

    # ---- what happens

    def begin(self):
        self._go_on()
        self._account()

    def event(self, events):
        self._happens(events)
        self._account()

    def _happens(self, events):
        if events & select.EPOLLOUT and self.phase != LINGERING:
            self._sent_on()
        if self.phase != ENDED and events & (select.EPOLLIN | GONE):
            if events & GONE and not events & select.EPOLLIN or self._input_ended:
                self._client_gone()
            else:
                self._readable()

    def finished(self):
        """The handler has returned, and the response is complete, or cut."""
        self.phase = FINISHING
        response, self.response = self.response, None
        self._keep_alive = response.keep_alive
        self.reader.drop()
        if response.cut and self.output.failure is None:
            self._unwatch()
            self._answered()
            self.connection.reset()
            self._ended()
        elif not len(self.output) or self.output.failure is not None:
            self._complete()
        self._account()

    def _account(self):
        """At the end of each step, as any connection may have to end for the others' memory."""
        size = self.reader.in_memory() + len(self._rest) if self.phase < LINGERING else 0
        self.server.memory.charge(self, size)
        self.server.memory.make_room()

    def crowd_out(self):
        """Gives up the request that is not complete or waits, or else what came behind the present one. Returns whether
        that has given memory back."""
        if self.phase == ASKED and self.server.handlers.take_back(self):
            self.phase = READING
        if self.phase == READING:
            self._refuse(503)
            return True
        if not self.reader.ahead() and not self._rest:
            return False
        self._has_lost = True
        self._watch(self._mask & ~select.EPOLLIN)
        self.reader.drop_ahead()
        self._rest = b""
        self.server.memory.charge(self, self.reader.in_memory())
        return True

    def release(self):
        """Gives it back, if that loses nothing; else it goes behind its response."""
        if self.phase == READING or self.phase == ASKED:
            unused = self._unused()
            if unused is None or self.phase == ASKED and not self.server.handlers.take_back(self):
                return
            if self.server.monitor_gone():
                self._end()
                return
            self._give_back(
                protocol.DISPATCH if self.server.is_on() else protocol.REQUESTED, unused
            )

    def is_reading(self):
        """Whether a part of a request is there, but not all of it."""
        return self.phase == READING and (self.reader.has_bytes() or self.connection.has_earlier())

    def is_idle(self):
        return self.phase == READING and not self.is_reading()

    def tick(self, now):
        limits = self.server.limits
        if self.phase == LINGERING:
            if now - self._since > LINGER_LONGEST or now - self._heard > LINGER_SILENCE:
                self._end()
        elif self.output.is_stuck(now):
            self.output.fail(TimeoutError("its client took nothing"))
            if self.phase == FINISHING:
                self._complete()
            elif self.phase == READING:
                self._ended_by(self.output.failure)
        elif self.is_idle():
            if now - self._since > limits.idle_timeout:
                self._give_back(protocol.IDLE, b"")
        elif self.phase == READING:
            patience = limits.header_timeout if self.reader.request is None else limits.body_timeout
            if now - self._since > patience + self._read_anew / BYTES_PER_SECOND:
                self._refuse(408)

    # ---- reading

    def _unused(self):
        """Every byte that was read and not used; None where those cannot be given back."""
        unused = self.reader.unused
        if unused is None or self.connection.has_earlier() or len(self.output):
            return None
        unused += self._rest
        return unused if len(unused) <= protocol.MAX_PAYLOAD else None

    def _readable(self):
        try:
            data = self.connection.receive(READ_SIZE)
        except OSError as e:
            self._failed(e)
            return
        if data is None:
            return
        if not data:
            self._input_ended = True
            if self.phase in (READING, LINGERING):
                self._end()
            else:
                self._watch(self._mask & ~select.EPOLLIN)
            return
        self._heard = time.monotonic()
        if self.phase == LINGERING:
            return
        self._tell_reading()
        self._add(data)
        if self.phase == READING:
            self._go_on()
        elif self.reader.ahead() > READ_AHEAD:
            self._watch(self._mask & ~select.EPOLLIN)

    def _add(self, data):
        self._read_anew += len(data)
        self.reader.add(data)

    def _tell_reading(self):
        if self.phase == READING and not self._told_reading:
            self._told_reading = True
            self._since = time.monotonic()
            self._read_anew = 0
            self.connection.state(protocol.STATE_READING)

    def _go_on(self):
        """Reads the next request as far as it is there."""
        try:
            while self.phase == READING:
                before = self.reader.request
                request = self.reader.read()
                if self.reader.is_foreign:
                    self._foreign()
                    return
                if request is not None:
                    self.phase = ASKED
                    self.server.queued(self)
                    return
                if before is None and self.reader.request is not None:
                    self._since = time.monotonic()
                    self._read_anew = 0
                if not self._add_received():
                    break
        except Malformed as e:
            LOG.debug("a request is refused with %d: %s", e.status, e)
            self._refuse(e.status)
            return
        except OSError as e:
            LOG.error("A request cannot be kept: %s", e)
            self._refuse(503)
            return
        self._tell_to_go_on()
        if self.phase == READING:
            self._watch(select.EPOLLIN)

    def _add_received(self):
        """Adds what was received before the socket's bytes: a piece of the file, then the payload."""
        data = self.connection.read_earlier(READ_SIZE)
        if not data:
            data, self._rest = self._rest, b""
        if data:
            self._add(data)
        return bool(data)

    def _tell_to_go_on(self):
        request = self.reader.request
        if request is not None and request.expects_continue and not self._was_told:
            self._was_told = True
            if self.reader.body_length() == 0:
                try:
                    self.output.write(CONTINUE)
                except ClientGone:
                    self._failed(self.output.failure)

    def _foreign(self):
        unused = self._unused()
        if self.server.monitor_gone():
            self._end()
        elif unused is None:
            LOG.warning("A request of another target has too much behind it to be given back")
            self._refuse(502)
        else:
            self._give_back(protocol.FOREIGN, unused)

    # ---- writing

    def _send_on(self):
        """The output has bytes that the socket does not take. Any thread."""
        self.server.call(lambda: self.phase < LINGERING and self._watch(self._mask | select.EPOLLOUT))

    def _sent_on(self):
        if self.output.send_on():
            self._watch(self._mask & ~select.EPOLLOUT)
            if self.phase == FINISHING:
                self._complete()

    def _answered(self):
        self.server.connections.scoreboard.answered()

    def _complete(self):
        """The last byte of the response is in the socket, or never will be."""
        self._answered()
        failure = self.output.failure
        if failure is not None:
            self._ended_by(failure)
            return
        keep = self._keep_alive and not self._has_lost and not (self._input_ended and not self.reader.ahead())
        if not keep:
            self._linger()
            return
        self.reader.next()
        # The next request is younger than those of others.
        self.server.memory.charge(self, 0)
        self._was_told = False
        self._told_reading = self.reader.has_bytes() or bool(self._rest)
        self.connection.state(protocol.STATE_READING if self._told_reading else protocol.STATE_IDLE)
        self.phase = READING
        self._since = time.monotonic()
        self._read_anew = 0
        if self.server.goes():
            self.release()
        if self.phase == READING:
            self._go_on()
        if self.phase == READING and self._input_ended:
            self._end()

    def _refuse(self, status):
        """Answers what must not be served, and ends the connection."""
        if self.phase == ASKED:
            return
        self.connection.state(protocol.STATE_ANSWERING)
        try:
            self.output.write(error_page(status, self.reader.is_head))
        except ClientGone:
            self._end()
            return
        self._linger()

    def _linger(self):
        """Ends it behind what was written; what the client still sends is thrown away, so that it is not reset before
        it has read that."""
        self.phase = LINGERING
        self._forget_input()
        self._since = self._heard = time.monotonic()
        if self._input_ended:
            self._end()
            return
        try:
            self.connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._end()
            return
        self._watch(select.EPOLLIN)

    def _forget_input(self):
        self.reader.drop()
        self.reader.drop_ahead()
        self._rest = b""
        self.server.memory.charge(self, 0)

    # ---- ends

    def _client_gone(self):
        if self.phase == ASKED:
            if self.server.handlers.take_back(self):
                self._end()
                return
            self.output.fail(ConnectionResetError("the client has gone"))
            self._unwatch()
        elif self.phase == FINISHING:
            self.output.fail(ConnectionResetError("the client has gone"))
            self._complete()
        else:
            self._end()

    def _failed(self, cause):
        if self.phase == ASKED and not self.server.handlers.take_back(self):
            self.output.fail(cause)
            self._unwatch()
        else:
            self._ended_by(cause)

    def _ended_by(self, cause):
        if isinstance(cause, OSError) and cause.errno in REFUSALS and not self.server.monitor_gone():
            LOG.warning("The system refuses what connection %d needs: %s", self.connection.id, cause)
            self._give_back(protocol.FAILED, b"")
        elif isinstance(cause, TimeoutError):
            self._unwatch()
            self.connection.reset()
            self._ended()
        else:
            self._end()

    def _give_back(self, reason, unused):
        if self.server.monitor_gone():
            self._end()
            return
        self._unwatch()
        self.connection.give_back(reason, unused)
        self._ended()

    def _end(self):
        self._unwatch()
        self.connection.close()
        self._ended()

    def _ended(self):
        self.phase = ENDED
        self._forget_input()
        self.output.close()
        self.server.ended(self)

    def _watch(self, mask):
        if mask != self._mask:
            if self._mask == 0:
                self.server.epoll.register(self._descriptor, mask)
            elif mask == 0:
                self.server.epoll.unregister(self._descriptor)
            else:
                self.server.epoll.modify(self._descriptor, mask)
            self._mask = mask

    def _unwatch(self):
        self._watch(0)


class Turns:
    """Decides which connections go to other workers between two requests: docs/worker-protocol.md, "Dispatch" and
    "Balance"."""

    def __init__(self, server):
        self._server = server
        self._dispatch = server.connections.dispatch
        self.one_at_a_time = self._dispatch == "request"
        self.wanted = 0
        self.watch_at = None
        self._owed = False

    def goes(self):
        if self.one_at_a_time or self.wanted == 0:
            return self.one_at_a_time
        self.wanted -= 1
        return True

    def owe(self):
        """A connection was looked at: in return the monitor is told when there is room for another."""
        self._owed = True
        self.idle()

    def queued(self):
        if self._dispatch != "connection" and self.watch_at is None:
            self.watch_at = time.monotonic() + SLOW_SECONDS

    def watch(self):
        handlers = self._server.handlers
        if handlers.running_seconds() >= SLOW_SECONDS and len(self._server.connections.held) > 1:
            if not self.one_at_a_time:
                self.one_at_a_time = True
                self._owed = True
                self._server.connections.send(protocol.SLOW)
            self._server.give_away()
        self.watch_at = None if handlers.is_idle() else time.monotonic() + SLOW_SECONDS

    def idle(self):
        if not self.one_at_a_time or not self._owed or not self._server.handlers.is_idle():
            return
        self._owed = False
        if self._dispatch == "adaptive" and self._server.handlers.average < QUICK_SECONDS:
            self.one_at_a_time = False
            self._server.connections.send(protocol.QUICK)
        else:
            self._server.connections.send(protocol.FREE)


class Server:
    """A worker: start, then run."""

    def __init__(self, contexts=(("", "/"),), limits=Limits(), control=0, environment=os.environ):
        self.limits = limits
        self.memory = Memory(limits.memory)
        self.contexts = Contexts(contexts)
        self.connections = Connections(self, control, environment)
        self.epoll = select.epoll()
        self._handler = None
        self._served = {}
        self._calls = collections.deque()
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.handlers = Handlers(
            self.connections.most_requests, self.connections.scoreboard, lambda: self.call(self._spend)
        )
        self.turns = Turns(self)
        self._retiring = False
        self._leaving = False
        self._retire_at = None
        self._deadline = None
        self._status = None

    def start(self):
        """Begins to listen to the monitor, before the handler is there. On the main thread."""
        # Ctrl-C in the terminal of a Karaf in the foreground goes to all its processes; it is Karaf who stops workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Noticed by the loop, whatever this thread is doing.
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        threading.Thread(target=self._guarded_loop, name="io", daemon=True).start()

    def run(self, handler):
        """Serves until this worker is to end: handler(request, response) is called on this thread, after start.

        Returns the status to exit with; the process ends in HANDOFF_DRAIN_TIMEOUT even if something keeps it.
        """
        self._handler = handler
        self.call(self.connections.ready)
        for served in iter(self.handlers.begin, None):
            self._handle(served)
        threading.Thread(target=self._end_in_time, name="deadline", daemon=True).start()
        return self._status

    def _end_in_time(self):
        time.sleep(self.connections.drain_seconds)
        LOG.error("Something keeps this worker from its end")
        os._exit(protocol.BROKEN)

    def call(self, task):
        """Has the loop call it. Any thread."""
        self._calls.append(task)
        try:
            os.write(self._waker, b"\0")
        except BlockingIOError:
            pass  # The loop has enough to wake up for.

    # ---- what the connections of this worker ask

    def is_on(self):
        return self.connections.is_on

    def monitor_gone(self):
        return self.connections.monitor_gone

    def goes(self):
        """Whether a connection goes, whose response is complete."""
        return not self.is_on() or self.turns.goes()

    def queued(self, served):
        self.handlers.put(served)
        self.turns.queued()

    def ended(self, served):
        self._served.pop(served.descriptor(), None)

    def give_away(self):
        for served in list(self._served.values()):
            if not served.is_reading():
                served.release()

    # ---- the thread of the handlers

    def _handle(self, served):
        request = served.reader.request
        response = Response(served.connection, served.output, request, not self.monitor_gone())
        served.response = response
        try:
            self._handler(request, response)
            response.end()
        except ClientGone as e:
            LOG.debug("a client did not take its response: %s", e)
        except Exception:
            LOG.exception("%s %s: the handler failed", request.method, request.path)
            self._answer_500(response)
        except BaseException:
            LOG.exception("This worker ends: a handler has ended it")
            os._exit(protocol.BROKEN)
        self.handlers.returned()
        self.call(lambda: self._finished(served))

    @staticmethod
    def _answer_500(response):
        if response.begun:
            response.cut = True
            return
        text = b"500 Internal Server Error\n"
        try:
            response.start(500, phrase(500), [("Content-Type", "text/plain; charset=utf-8")], len(text))
            response.write(text)
            response.end()
        except ClientGone as e:
            LOG.debug("a client did not take its response: %s", e)

    # ---- the loop

    def _finished(self, served):
        served.finished()
        self.turns.idle()

    def _guarded_loop(self):
        try:
            status = self._loop()
        except protocol.ProtocolError as e:
            LOG.error("The monitor broke the protocol: %s", e)
            os._exit(protocol.PROTOCOL_ERROR)
        except BaseException:
            LOG.exception("This worker ends, and is replaced")
            os._exit(protocol.BROKEN)
        self._status = status
        if self._handler is None:
            # The main thread is still getting ready, for nobody.
            os._exit(status)
        self.handlers.end()

    def _loop(self):
        self.epoll.register(self.connections.fileno(), select.EPOLLIN)
        self.epoll.register(self._wake, select.EPOLLIN)
        ticked = time.monotonic()
        while True:
            # Looked up before anything happens: by its turn, a number may be another connection's descriptor.
            happened = [(one, events, self._served.get(one)) for one, events in self.epoll.poll(self._timeout(ticked))]
            for descriptor, events, served in happened:
                if descriptor == self.connections.fileno():
                    self.connections.receive()
                elif descriptor == self._wake:
                    self._woken()
                elif served is not None and served.phase != ENDED:
                    served.event(events)
            now = time.monotonic()
            if self.turns.watch_at is not None and now >= self.turns.watch_at:
                self.turns.watch()
            if now - ticked >= TICK:
                ticked = now
                self.memory.complain(now)
                for served in list(self._served.values()):
                    served.tick(now)
            self._look_at_deadlines(now)
            if self._is_done():
                return protocol.DONE

    def _timeout(self, ticked):
        at = ticked + TICK
        if self.turns.watch_at is not None:
            at = min(at, self.turns.watch_at)
        for due in (self._deadline, self._retire_at):
            if due is not None:
                at = min(at, due)
        return max(at - time.monotonic(), 0)

    def _woken(self):
        if signal.SIGTERM in os.read(self._wake, 4096):
            self._leave()
        while self._calls:
            self._calls.popleft()()

    def _look_at_deadlines(self, now):
        if self._retire_at is not None and now >= self._retire_at:
            self._retire_at = None
            self._retire()
        if self._deadline is not None and now >= self._deadline:
            LOG.error("This worker has not finished %d connections in time", len(self._served))
            os._exit(protocol.BROKEN)

    def _is_done(self):
        return (self._retiring or self.connections.retiring or self.monitor_gone()) and not self.connections.held

    # ---- what the monitor says

    def connection(self, connection):
        served = Served(self, connection)
        self._served[served.descriptor()] = served
        served.begin()
        self.turns.owe()

    def looked_at(self):
        self.turns.owe()

    def off(self):
        for served in list(self._served.values()):
            served.release()

    def on(self):
        """Nothing is to be done: connections come by themselves."""

    def wanted(self, number):
        self.turns.wanted = number

    def elsewhere_changed(self):
        self.contexts.elsewhere(self.connections.elsewhere)

    def gone(self):
        self._begin_deadline()
        for served in list(self._served.values()):
            if served.is_idle():
                served.release()

    def _begin_deadline(self):
        if self._deadline is None:
            self._deadline = time.monotonic() + self.connections.drain_seconds

    # ---- ends

    def _spend(self):
        self.connections.spend()
        self.off()

    def _leave(self):
        if self._leaving or self.connections.retiring or self.monitor_gone():
            return
        LOG.info("SIGTERM has come: this worker asks for another one in its place, and then ends")
        self._leaving = True
        self._begin_deadline()
        if not self.connections.is_ready:
            self._retiring = True
            return
        self._retire_at = time.monotonic() + self.connections.drain_seconds / 2
        self.connections.send(protocol.LEAVING)

    def _retire(self):
        if not (self.connections.retiring or self.monitor_gone()):
            LOG.info("This worker retires, as a signal said; %d connections to finish", len(self._served))
            self._retiring = True
            self._spend()


def log_to_stderr():
    """What this worker logs goes to Karaf's log."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s - %(message)s")
