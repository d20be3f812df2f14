import itertools
import socket
import tempfile
import threading
import time
import unittest
from pathlib import Path

import clients

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAULT = b"HTTP/1.1 500 Fault\r\nContent-Length: 2\r\n\r\nno"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
STALL = 0.5


class Server:
    """Does with each request, by its number, what it is told to."""

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.numbers = itertools.count()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            while connection.recv(4096):
                answer = self.behaviour(next(self.numbers))
                if answer is None:
                    return
                connection.sendall(answer)
                if answer == LAST:
                    return

    def close(self):
        self.listener.close()


class LoadTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.load = clients.compile_load(Path(folder.name))

    def ask(self, behaviour, rate=400, seconds=1, connections=4, slow_path=None):
        server = Server(behaviour)
        self.addCleanup(server.close)
        return clients.OpenLoop(self.load, server.port, "/", rate, seconds, connections, slow_path).result()

    def test_answers(self):
        said = self.ask(lambda number: ANSWER)
        self.assertEqual(said["fast"]["count"], said["answered"])
        self.assertGreater(said["answered"], 300)
        self.assertEqual((0, 0, 0), (said["failed"], said["closed"], said["unanswered"]))

    def test_faults_are_failures(self):
        said = self.ask(lambda number: FAULT if number == 10 else ANSWER)
        self.assertEqual((1, 0), (said["failed"], said["closed"]))

    def test_an_end_in_place_of_an_answer_is_a_failure(self):
        said = self.ask(lambda number: None if number == 10 else ANSWER)
        self.assertEqual((1, 0), (said["failed"], said["closed"]))

    def test_an_end_after_an_answer_is_a_closed_connection(self):
        said = self.ask(lambda number: LAST if number == 10 else ANSWER)
        self.assertEqual((0, 1), (said["failed"], said["closed"]))

    def test_every_tenth_is_slow(self):
        said = self.ask(lambda number: ANSWER, slow_path="/slow")
        self.assertAlmostEqual(said["answered"] / 10, said["slow"]["count"], delta=1)

    def test_latencies_count_from_the_time_at_which_requests_were_due(self):
        def stall(number):
            if number == 50:
                time.sleep(STALL)
            return ANSWER

        # Without that, one request in 400 would be slow.
        said = self.ask(stall, connections=1)
        self.assertGreater(said["fast"]["p99"], STALL * 1e6 / 2)

    def test_parked_connections_that_the_server_closes(self):
        # The first three connections end after their answers.
        server = Server(lambda number: LAST if number < 3 else ANSWER)
        self.addCleanup(server.close)
        parked = clients.Parked(self.load, server.port, "/", 10)
        self.assertEqual(10, parked.count)
        self.assertEqual(3, parked.end()["closed"])
