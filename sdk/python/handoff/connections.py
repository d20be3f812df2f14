"""Connections, for any protocol on them: take the next one, say how far its request is, close it or give it back.

A program either calls Connections.take in a loop, or watches Connections.fileno and calls Connections.receive when
that is readable.
"""

import array
import errno
import faulthandler
import logging
import mmap
import os
import queue
import select
import socket
import sys
import threading
import time

from handoff import protocol
from handoff.protocol import ProtocolError

LOG = logging.getLogger("handoff")

# The system has refused a call, and is left alone for a moment.
REFUSED_SECONDS = 0.01
END_OF_CONTROL = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ECONNREFUSED)


class Scoreboard:
    """The memory in which this worker notes how far each of its connections is."""

    def __init__(self, path):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            self._memory = mmap.mmap(descriptor, protocol.SCOREBOARD_BYTES)
        finally:
            os.close(descriptor)
        # A store by this view is one store of eight bytes, which a monitor sees whole or not at all.
        self._numbers = memoryview(self._memory).cast("Q")

    def answered(self):
        """Counts one more answered request. By one thread only."""
        self._numbers[protocol.REQUESTS_AT // 8] += 1

    def handling(self, connection):
        """A handler was called for this connection, or has returned: 0."""
        self._numbers[protocol.SINCE_AT // 8] = time.time_ns() // 1_000_000 if connection else 0
        self._numbers[protocol.CONNECTION_AT // 8] = connection

    def state(self, slot, state):
        self._memory[protocol.RECORD * (slot + 1)] = state


class Connection:
    """A connection while this worker has it.

    socket is the client's, not blocking, and must stay so: the mode belongs to the monitor's descriptor too. received
    are the bytes that come before whatever is to be read from the socket; where a request begins in a file, that is
    read by read_earlier before.
    """

    def __init__(self, connections, slot, number, position, received, client, earlier=None):
        self.id = number
        self.slot = slot
        self.socket = client
        self.received = received
        # How many bytes were read from the socket since the connection began, by whoever.
        self.position = position
        self._connections = connections
        self._earlier = earlier

    def read_earlier(self, most):
        """The next bytes of the request that are in a file, most of them at once; b"" where all were read."""
        if self._earlier is None:
            return b""
        descriptor, offset, left = self._earlier
        data = os.pread(descriptor, min(most, left), offset)
        if not data and left:
            self.drop_earlier()
            raise OSError(errno.EIO, "the file of connection %d ends %d bytes too early" % (self.id, left))
        if len(data) == left:
            self.drop_earlier()
        else:
            self._earlier = (descriptor, offset + len(data), left - len(data))
        return data

    def has_earlier(self):
        """Whether read_earlier has more."""
        return self._earlier is not None

    def drop_earlier(self):
        if self._earlier is not None:
            os.close(self._earlier[0])
            self._earlier = None

    def receive(self, most):
        """Reads from the socket, and counts that. b"" where the client has ended its side; None where there is nothing
        now."""
        try:
            data = self.socket.recv(most)
        except (BlockingIOError, InterruptedError):
            return None
        self.position += len(data)
        return data

    def state(self, state):
        """Tells the monitor, before it is so: protocol.STATE_READING, ..._HANDLING, ..._ANSWERING, or ..._IDLE when the
        last byte of the response is in the socket."""
        self._connections.scoreboard.state(self.slot, state)

    def close(self):
        """Ends it, for every process that holds it."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            LOG.debug("connection %d has ended already", self.id)
        self._leave()

    def reset(self):
        """Ends it so that its client does not take what came for the whole response."""
        # A connect to "no address": it resets the connection, though another process holds the socket too.
        disconnect(self.socket)
        self._leave()

    def give_back(self, reason, unused=b""):
        """Gives it back to the monitor, as long as no handler was called for its next request.

        unused is every byte that was read (or came in received) and not used; MAX_PAYLOAD at most, without a rest in a
        file. It was taken out of whatever watches it.
        """
        self._leave()
        self._connections.send(protocol.GIVE_BACK, reason, self.slot, self.id, self.position, unused)

    def _leave(self):
        self.drop_earlier()
        self.socket.close()
        self._connections.left(self)


def disconnect(client):
    """Resets a TCP connection for whoever holds its socket."""
    import ctypes

    nowhere = (ctypes.c_char * 16)()
    if ctypes.CDLL(None, use_errno=True).connect(client.fileno(), nowhere, 16) != 0:
        LOG.debug("a connection has ended already: %s", os.strerror(ctypes.get_errno()))


class Connections:
    """The worker's side of docs/worker-protocol.md.

    What arrives from the monitor is told to the listener, if there is one, on the thread that calls receive:
    connection(Connection), off(), on(), wanted(n), gone(). PING and DUMP are answered here. A program without a
    listener calls take.
    """

    def __init__(self, listener=None, control=0, environment=os.environ):
        version = environment.get("HANDOFF_PROTOCOL")
        if version != str(protocol.VERSION):
            LOG.error("HANDOFF_PROTOCOL is %s; this worker speaks version %d only", version, protocol.VERSION)
            sys.exit(protocol.OTHER_VERSION)
        self.scoreboard = Scoreboard(environment["HANDOFF_SCOREBOARD"])
        self.dispatch = environment.get("HANDOFF_DISPATCH", "adaptive")
        self.most_requests = int(environment.get("HANDOFF_MAX_REQUESTS", "0"))
        self.drain_seconds = int(environment.get("HANDOFF_DRAIN_TIMEOUT", "30"))
        # The contexts of other targets inside this worker's own: pairs of a host, maybe empty, and a context.
        self.elsewhere = []
        self.held = {}
        self.is_on = True
        self.retiring = False
        self.spent = False
        self.monitor_gone = False
        self.is_ready = False
        self._listener = listener
        self._earlier = None
        self._taken = None
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=control)
        # A byte more than a packet may have: the system cuts off what does not fit, and that must be seen.
        self._buffer = bytearray(protocol.MAX_PACKET + 1)

    # ---- what a program calls

    def fileno(self):
        """Readable when receive has something to do."""
        return self._control.fileno()

    def ready(self):
        """Tells the monitor that connections may come. Once, before anything else is sent."""
        self.receive()
        self.send(protocol.READY)
        self.is_ready = True

    def spend(self):
        """Tells the monitor that this worker begins no further request; it gives back what it holds."""
        self.spent = True
        self.is_on = False
        self.send(protocol.QUOTA_REACHED)

    def take(self, timeout=None):
        """Waits for the next connection. None when this worker is to end, and at the timeout.

        The frames are read by a thread of their own from the first call on, so that PING is answered while the program
        works. On OFF, the program gives back what it holds as soon as it can: see is_on.
        """
        if self._taken is None:
            self._taken = queue.SimpleQueue()
            threading.Thread(target=self._read_frames, name="control", daemon=True).start()
        if self._is_over():
            return None
        try:
            return self._taken.get(timeout=timeout)
        except queue.Empty:
            return None

    def over(self):
        """Whether nothing is left to do for this worker: it exits with status 0."""
        return self._is_over() and not self.held

    def send(self, kind, flags=0, slot=0, connection=0, position=0, payload=b""):
        """Sends a frame; waits where the control socket is full. Any thread."""
        packet = protocol.HEADER.pack(protocol.VERSION, kind, flags, slot, connection, position)
        while not self.monitor_gone:
            try:
                self._control.sendmsg([packet, payload], (), socket.MSG_NOSIGNAL)
                return
            except OSError as e:
                if e.errno in END_OF_CONTROL:
                    # What the monitor sent before its end is still to be read: reading comes to its end.
                    return
                self._refused(e)

    # ---- what the connections call

    def left(self, connection):
        self.held.pop(connection.id, None)

    # ---- frames

    def _is_over(self):
        return self.retiring or self.monitor_gone

    def _read_frames(self):
        try:
            while not self.monitor_gone:
                select.select([self._control], [], [])
                self.receive()
        except ProtocolError as e:
            LOG.error("The monitor broke the protocol: %s", e)
            os._exit(protocol.PROTOCOL_ERROR)
        except BaseException:
            LOG.exception("This worker ends, as it cannot read the control socket")
            os._exit(protocol.BROKEN)

    def receive(self):
        """Takes all that the monitor has sent.

        Raises ProtocolError where it sent what it may not: the program logs that, and exits with
        protocol.PROTOCOL_ERROR.
        """
        while not self.monitor_gone:
            try:
                count, ancillary, flags, _ = self._control.recvmsg_into(
                    [self._buffer],
                    socket.CMSG_SPACE(4),
                    socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC,
                )
            except BlockingIOError:
                return
            except OSError as e:
                if e.errno in END_OF_CONTROL:
                    self._gone()
                    return
                self._refused(e)
                return
            if count == 0 and not ancillary:
                self._gone()
                return
            self._frame(count, flags, descriptors(ancillary))

    def _give_back_untaken(self):
        try:
            while True:
                untaken = self._taken.get_nowait()
                untaken.give_back(protocol.REQUESTED, untaken.received)
        except queue.Empty:
            if self.retiring:
                self._taken.put(None)

    @staticmethod
    def _refused(cause):
        LOG.warning("The system refuses a call on the control socket: %s. It is tried again", cause)
        time.sleep(REFUSED_SECONDS)

    def _gone(self):
        LOG.info("The monitor has gone; %d connections to finish", len(self.held))
        self.monitor_gone = True
        self.is_on = False
        if self._listener is not None:
            self._listener.gone()
        elif self._taken is not None:
            threading.Thread(target=self._end_in_time, name="deadline", daemon=True).start()
            self._taken.put(None)

    def _end_in_time(self):
        time.sleep(self.drain_seconds)
        LOG.error("%d connections are not finished %d s after the monitor's end", len(self.held), self.drain_seconds)
        os._exit(protocol.BROKEN)

    def _frame(self, count, flags, came):
        packet = self._buffer
        try:
            if count < protocol.HEADER.size or count > protocol.MAX_PACKET:
                raise ProtocolError("a frame of %d bytes came" % count)
            version, kind, frame_flags, slot, number, position = protocol.HEADER.unpack_from(packet)
            if version != protocol.VERSION:
                raise ProtocolError("a frame of version %d came" % version)
            payload = bytes(memoryview(packet)[protocol.HEADER.size : count])
            cut = bool(flags & socket.MSG_CTRUNC)
            if (came or cut) and kind not in (protocol.CONNECTION, protocol.SPILLED):
                raise ProtocolError("a descriptor came with a frame of type %d" % kind)
            descriptor = came.pop() if came else -1
        except ProtocolError:
            for one in came:
                os.close(one)
            raise
        if kind == protocol.CONNECTION:
            self._connection(frame_flags, slot, number, position, payload, descriptor)
            return
        if kind == protocol.SPILLED:
            self._forget_earlier()
            self._keep_earlier(number, position, payload, descriptor)
            return
        if kind == protocol.PING:
            self.send(protocol.PONG)
        elif kind == protocol.DUMP:
            self._dump()
        elif kind in (protocol.OFF, protocol.RETIRE):
            self.is_on = False
            self.retiring |= kind == protocol.RETIRE
            self._tell("off")
            if self._taken is not None:
                self._give_back_untaken()
        elif kind == protocol.ON:
            self.is_on = not (self.retiring or self.spent)
            self._tell("on")
        elif kind == protocol.FOREIGN_CONTEXTS:
            self.elsewhere = contexts(payload)
            self._tell("elsewhere_changed")
        elif kind == protocol.YIELD:
            self._tell("wanted", frame_flags)
        elif kind != protocol.NO_SPILL:
            raise ProtocolError("the monitor does not send frames of type %d" % kind)

    def _tell(self, what, *arguments):
        if self._listener is not None:
            getattr(self._listener, what)(*arguments)

    def _dump(self):
        sys.stdout.flush()
        faulthandler.dump_traceback(file=1, all_threads=True)
        self.send(protocol.DUMPED)

    def _keep_earlier(self, number, position, payload, descriptor):
        if len(payload) != 8:
            if descriptor >= 0:
                os.close(descriptor)
            raise ProtocolError("SPILLED came with %d bytes in place of 8" % len(payload))
        if descriptor >= 0:
            self._earlier = (number, descriptor, int.from_bytes(payload, "big"), position)

    def _forget_earlier(self):
        if self._earlier is not None:
            os.close(self._earlier[1])
            self._earlier = None

    def _connection(self, flags, slot, number, position, payload, descriptor):
        if not self.is_ready or slot >= protocol.SLOTS or number in self.held:
            if descriptor >= 0:
                os.close(descriptor)
            raise ProtocolError(
                "connection %d came in slot %d: %s"
                % (number, slot, "no such slot, or held already" if self.is_ready else "before READY")
            )
        behind_file = flags & protocol.BEHIND_FILE
        if self._earlier is not None and not (behind_file and self._earlier[0] == number):
            # One whose hand-off ended between the two frames.
            self._forget_earlier()
        taken = self._made(slot, number, position, payload, descriptor) if descriptor >= 0 else None
        if taken is None or behind_file and self._earlier is None:
            if taken is not None:
                taken.socket.close()
            self._forget_earlier()
            self.send(protocol.GIVE_BACK, protocol.NOT_TAKEN, slot, number, position, payload)
            self._tell("looked_at")
            return
        if not self.is_on:
            self._pass_on(taken, payload)
            self._tell("looked_at")
            return
        if self._earlier is not None:
            _, file, offset, begins = self._earlier
            self._earlier = None
            taken._earlier = (file, offset, position - len(payload) - begins)
        self.held[number] = taken
        taken.state(
            protocol.STATE_READING if payload or taken.has_earlier() else protocol.STATE_IDLE
        )
        if self._listener is not None:
            self._listener.connection(taken)
        else:
            self._taken.put(taken)

    def _made(self, slot, number, position, payload, descriptor):
        try:
            client = socket.socket(fileno=descriptor)
        except OSError as e:
            LOG.warning("Connection %d cannot be taken: the system tells nothing of its socket: %s", number, e)
            os.close(descriptor)
            return None
        # It is in that mode already; Python takes note.
        client.setblocking(False)
        return Connection(self, slot, number, position, payload, client)

    def _pass_on(self, taken, payload):
        """It was under way when OFF came."""
        taken.socket.close()
        if self._earlier is None:
            self.send(protocol.GIVE_BACK, protocol.REQUESTED, taken.slot, taken.id, taken.position, payload)
            return
        begins = self._earlier[3]
        self._forget_earlier()
        self.send(
            protocol.GIVE_BACK,
            protocol.REQUESTED | 256,
            taken.slot,
            taken.id,
            taken.position,
            begins.to_bytes(8, "big") + payload,
        )


def descriptors(ancillary):
    """The descriptors that came with a packet."""
    came = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            came.frombytes(data[: len(data) - len(data) % came.itemsize])
    return list(came)


def contexts(payload):
    """Reads what FOREIGN_CONTEXTS says."""
    try:
        lines = payload.decode("utf-8").split("\n")
        return [(line[: line.index(" ")], line[line.index(" ") + 1 :]) for line in lines if line]
    except ValueError:
        raise ProtocolError("FOREIGN_CONTEXTS came with %r; a host, a space and a context are a line" % payload) from None
