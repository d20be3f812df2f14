"""Kept connections of clients that never retry, while the workers behind them are replaced, off and on, or spent."""

import asyncio
import collections
import select
import socket
import threading
import time
import unittest

from tests.started import SECONDS, request, wsgi

from handoff_check.monitor import (
    CONNECTION,
    DISPATCH,
    FREE,
    GIVE_BACK,
    IDLE,
    OFF,
    ON,
    QUICK,
    READY,
    RECORD,
    RETIRE,
    SLOW,
    QUOTA_REACHED,
    UNTAKEN,
    YIELD,
)

CLIENTS = 24
RECYCLINGS = 3


class Kept:
    """A connection, while the monitor has it and while a worker has it."""

    def __init__(self, number, kept):
        self.id = number
        self.socket = kept
        self.received = b""
        self.position = 0
        self.worker = None
        self.slot = None


class SmallMonitor:
    """Two workers of one pool, and who has which connection."""

    def __init__(self, **environment):
        self._environment = environment
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.connections = {}
        self.workers = []
        self.reasons = collections.Counter()
        self.statuses = []
        self._waiting = collections.deque()
        self._next = 0
        for _ in range(2):
            self.start()

    def start(self):
        worker = wsgi("applications:plain", **self._environment)
        worker.takes = True
        worker.one_at_a_time = self._environment.get("dispatch") == "request"
        worker.retiring = False
        worker.slots = set()
        self.workers.append(worker)
        return worker

    def close(self):
        for worker in self.workers:
            worker.close()
        for kept in self.connections.values():
            kept.socket.close()
        self.listener.close()

    def run(self, seconds, until=lambda: False):
        """Does what a monitor does, for so long or until that."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            control = {worker._control.fileno(): worker for worker in self.workers if not worker._ended}
            parked = {
                kept.socket.fileno(): kept
                for kept in self.connections.values()
                if kept.worker is None and kept not in self._waiting
            }
            ready, _, _ = select.select([self.listener, *control, *parked], [], [], 0.02)
            for one in ready:
                if one is self.listener:
                    self._accept()
                elif one in control:
                    self._frame(control[one])
                else:
                    self._waiting.append(parked[one])
            self._hand_off()

    def _accept(self):
        self._next += 1
        kept = Kept(self._next, self.listener.accept()[0])
        kept.socket.setblocking(False)
        self.connections[kept.id] = kept
        self._waiting.append(kept)

    def _hand_off(self):
        while self._waiting:
            takers = [worker for worker in self.workers if worker.takes and not worker._ended]
            if not takers:
                return
            worker = min(takers, key=lambda one: len(one.slots))
            kept = self._waiting.popleft()
            slot = next(slot for slot in range(1000) if slot not in worker.slots)
            worker.slots.add(slot)
            kept.worker, kept.slot = worker, slot
            worker.scoreboard[RECORD * (slot + 1)] = UNTAKEN
            worker.send(CONNECTION, 0, slot, kept.id, kept.position, kept.received, kept.socket.fileno())
            worker.takes = not worker.one_at_a_time
            del worker.story[:]

    def _frame(self, worker):
        frame = worker.read_frame(time.monotonic() + 1)
        if frame is None:
            return
        if frame.kind == GIVE_BACK:
            kept = self.connections[frame.connection]
            self.reasons[frame.flags] += 1
            kept.worker.slots.discard(kept.slot)
            kept.worker = None
            kept.position, kept.received = frame.position, frame.payload
            if kept.received or frame.flags not in (IDLE, DISPATCH):
                self._waiting.append(kept)
        elif frame.kind == SLOW:
            worker.takes, worker.one_at_a_time = False, True
        elif frame.kind in (FREE, QUICK):
            worker.one_at_a_time &= frame.kind != QUICK
            worker.takes = not worker.retiring
        elif frame.kind == QUOTA_REACHED:
            self.replace(worker)
        elif frame.kind != READY:
            raise AssertionError("the worker sent " + str(frame))

    def replace(self, worker):
        self.start()
        worker.takes = False
        worker.retiring = True
        worker.send(RETIRE)

    def retire_ended(self):
        for worker in list(self.workers):
            if worker._ended:
                self.statuses.append(worker.exit_status())
                self.workers.remove(worker)
                worker.close()


class Clients:
    """Clients in a thread of their own; each has one connection, and no other one after its first failure."""

    def __init__(self, port):
        self._port = port
        self._stop = False
        self.answered = 0
        self.failures = []
        self.processes = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self._thread.start()

    def stop(self):
        self._stop = True

    def ended(self):
        return not self._thread.is_alive()

    async def _all(self):
        await asyncio.gather(*(self._one(number) for number in range(CLIENTS)))

    async def _one(self, number):
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            while not self._stop:
                number += 1
                body = b"x" * (number * 7919 % 20000) if number % 3 == 0 else b""
                wire = request("/?ms=5" if number % 50 == 0 else "/", method="POST", body=body)
                # Two at once, now and then, and a request in two pieces.
                count = 2 if number % 5 == 0 else 1
                writer.write(wire * (count - 1) + wire[:30])
                await asyncio.sleep(0)
                writer.write(wire[30:])
                for _ in range(count):
                    await self._answer(reader, len(body))
        except Exception as e:
            self.failures.append("%s of connection %d: %r" % (type(e).__name__, number, e))
        finally:
            if writer is not None:
                writer.close()

    async def _answer(self, reader, expected):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        size, _, process = (await reader.readexactly(length)).split()
        if not head.startswith(b"HTTP/1.1 200 ") or int(size) != expected:
            raise AssertionError(head)
        self.processes.add(int(process))
        self.answered += 1


class RecyclingTest(unittest.TestCase):
    def setUp(self):
        self.monitor = None

    def under_load(self, act, **environment):
        """Acts while clients ask; gives them back."""
        monitor = self.monitor = SmallMonitor(**environment)
        self.addCleanup(monitor.close)
        clients = Clients(monitor.port)
        try:
            monitor.run(SECONDS, lambda: clients.answered > 100 or clients.ended())
            act(monitor, clients)
        finally:
            clients.stop()
            monitor.run(SECONDS, clients.ended)
        self.assertEqual([], clients.failures)
        self.assertEqual({0}, set(monitor.statuses) | {0})
        return clients

    def recycle(self, monitor, clients):
        for _ in range(RECYCLINGS):
            old = list(monitor.workers)
            for worker in old:
                monitor.replace(worker)
            monitor.run(SECONDS, lambda: all(worker._ended for worker in old) or clients.ended())
            monitor.retire_ended()
            before = clients.answered
            monitor.run(SECONDS, lambda: clients.answered > before + 100 or clients.ended())

    def test_loses_nothing_when_workers_are_recycled(self):
        clients = self.under_load(self.recycle)
        self.assertEqual(2 * RECYCLINGS, len(self.monitor.statuses))
        self.assertGreater(len(clients.processes), 2 * RECYCLINGS)

    def test_loses_nothing_when_each_request_is_dispatched(self):
        self.under_load(lambda monitor, clients: monitor.run(0.5), dispatch="request")
        self.assertGreater(self.monitor.reasons[DISPATCH], CLIENTS)

    def test_loses_nothing_when_workers_are_off_and_on_and_give_way(self):
        def act(monitor, clients):
            for _ in range(10):
                for worker in monitor.workers:
                    worker.takes = False
                    worker.send(OFF)
                    monitor.run(0.02)
                    worker.send(ON)
                    worker.takes = True
                    worker.send(YIELD, 3)
                    monitor.run(0.02)

        self.under_load(act, dispatch="connection")
        self.assertGreater(self.monitor.reasons[DISPATCH], 10)

    def test_loses_nothing_when_workers_are_spent(self):
        def act(monitor, clients):
            monitor.run(SECONDS, lambda: len(clients.processes) > 4 or clients.ended())
            monitor.retire_ended()

        self.under_load(act, max_requests="200", dispatch="connection")


if __name__ == "__main__":
    unittest.main()
