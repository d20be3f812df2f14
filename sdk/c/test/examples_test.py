"""The examples, each started as a pool starts it."""

import os
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from monitor import *

FOLDER = os.environ["EXAMPLES"]


class ExampleTest(unittest.TestCase):
    def start(self, name, **arguments):
        monitor = Monitor([os.path.join(FOLDER, name)], **arguments)
        self.addCleanup(monitor.close)
        return monitor

    def test_leak(self):
        monitor = self.start("leak", HANDOFF_CONTEXTS="/other /hello")
        kept = monitor.hand_off(b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(b"Hello from C worker process %d\n" % monitor.process.pid, response(kept.client)[2])
        size = self.memory(monitor)
        for _ in range(2000):
            kept.client.sendall(b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            response(kept.client)
        self.assertGreater(self.memory(monitor), size + 1500)

    @staticmethod
    def memory(monitor):
        with open("/proc/%d/status" % monitor.process.pid) as status:
            return int(next(line for line in status if line.startswith("RssAnon")).split()[1])

    def test_guestbook(self):
        book = os.path.join(os.path.dirname(FOLDER), "guestbook-%d.txt" % os.getpid())
        self.addCleanup(lambda: os.path.exists(book) and os.unlink(book))
        monitor = self.start("guestbook", GUESTBOOK=book)
        kept = monitor.hand_off(b"GET /guestbook HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(b"Nobody has signed yet.\n", response(kept.client)[2])
        for text in (b"Greetings from\nCadiz", b"And from Graz"):
            kept.client.sendall(b"POST /guestbook HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s"
                                % (len(text), text))
            self.assertEqual(201, response(kept.client)[0])
        kept.client.sendall(b"GET /guestbook HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(b"Greetings from Cadiz\nAnd from Graz\n", response(kept.client)[2])

    def test_answers_500_where_a_handler_throws(self):
        monitor = self.start("guestbook", GUESTBOOK="/nowhere/book")
        kept = monitor.hand_off(b"POST /guestbook HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
        self.assertEqual(500, response(kept.client)[0])
        self.assertIn("/nowhere/book", monitor.output())

    def test_lines(self):
        monitor = self.start("lines")
        kept = monitor.hand_off(b"hello\nwor")
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((DISPATCH, b"wor", 9), (frame.flags, frame.payload, frame.position))
        self.assertEqual(b"hello\n", kept.client.recv(100))
        kept.client.sendall(b"ld\n")
        monitor.pass_on(kept, frame.payload, frame.position)
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((b"", 12), (frame.payload, frame.position))
        self.assertEqual(b"world\n", kept.client.recv(100))
        monitor.ping()
        self.assertEqual(2, monitor.answered())
        monitor.send(packet(OFF))
        monitor.pass_on(kept, b"", 12)
        self.assertEqual(REQUESTED, monitor.expect(GIVE_BACK).flags)
        monitor.send(packet(RETIRE))
        self.assertEqual(0, monitor.process.wait(DEADLINE))

    def test_lines_gives_back_a_connection_that_says_nothing(self):
        monitor = self.start("lines", dispatch="request")
        kept = monitor.hand_off(b"")
        frames = [monitor.expect(GIVE_BACK), monitor.expect(FREE)]
        self.assertEqual((IDLE_LONG, b"", 0), (frames[0].flags, frames[0].payload, frames[0].position))
        kept.client.sendall(b"hello\n")
        monitor.pass_on(kept, b"", 0)
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((DISPATCH, 6), (frame.flags, frame.position))
        self.assertEqual(b"hello\n", kept.client.recv(100))

    def test_lines_waits_for_no_client_while_others_are_there(self):
        monitor = self.start("lines")
        slow = monitor.hand_off(b"hel")
        for _ in range(3):
            quick = monitor.hand_off(b"quick\n")
            frame = monitor.expect(GIVE_BACK)
            self.assertEqual((quick.id, DISPATCH), (frame.id, frame.flags))
            self.assertEqual(b"quick\n", quick.client.recv(100))
        slow.client.sendall(b"lo\n")
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((slow.id, b"", 6), (frame.id, frame.payload, frame.position))
        self.assertEqual(b"hello\n", slow.client.recv(100))

    def test_lines_gives_back_all_that_it_has_not_used(self):
        monitor = self.start("lines")
        data = b"hello\n" * 5000
        monitor.hand_off(data)
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((DISPATCH, data[6:], len(data)), (frame.flags, frame.payload, frame.position))

    def test_lines_ends_a_connection_with_too_long_a_line(self):
        monitor = self.start("lines")
        kept = monitor.hand_off(b"x" * 5000)
        self.assertEqual(b"", kept.client.recv(1))

    def test_echo(self):
        monitor = self.start("echo")
        kept = [monitor.hand_off(b"ab") for _ in range(3)]
        for one in kept:
            one.client.sendall(b"cd")
            received = b""
            while len(received) < 4:
                received += one.client.recv(100)
            self.assertEqual(b"abcd", received)
        size = 1 << 20
        sender = threading.Thread(target=lambda: kept[0].client.sendall(b"x" * size))
        sender.start()
        received = 0
        while received < size:
            received += len(kept[0].client.recv(65536))
        sender.join()
        monitor.ping()
        kept[1].client.shutdown(socket.SHUT_WR)
        self.assertEqual(b"", kept[1].client.recv(100))
        monitor.send(packet(OFF))
        positions = sorted((monitor.expect(GIVE_BACK).position, monitor.expect(GIVE_BACK).position))
        self.assertEqual([4, 4 + size], positions)
        monitor.send(packet(ON))
        large = monitor.hand_off(b"y" * 100000)
        received = 0
        while received < 100000:
            received += len(large.client.recv(65536))
        monitor.send(packet(RETIRE))
        self.assertEqual(0, monitor.process.wait(DEADLINE))

    def test_echo_ends_when_the_monitor_is_gone(self):
        monitor = self.start("echo")
        kept = monitor.hand_off(b"ab")
        self.assertEqual(b"ab", kept.client.recv(100))
        monitor.control.close()
        self.assertEqual(b"", kept.client.recv(100))
        self.assertEqual(0, monitor.process.wait(DEADLINE))

    def test_connections_in_cpp(self):
        monitor = self.start("test-echo")
        kept = monitor.hand_off(b"abc")
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((DISPATCH, b"", 3), (frame.flags, frame.payload, frame.position))
        self.assertEqual(b"abc", kept.client.recv(100))
        kept = monitor.hand_off(b"end")
        self.assertEqual(b"", kept.client.recv(100))
        monitor.send(packet(RETIRE))
        self.assertEqual(0, monitor.process.wait(DEADLINE))
        monitor = self.start("test-echo")
        monitor.send(packet(200))
        self.assertEqual(3, monitor.process.wait(DEADLINE))

    def test_lines_end_when_the_monitor_is_gone(self):
        monitor = self.start("lines")
        monitor.control.close()
        self.assertEqual(0, monitor.process.wait(DEADLINE))

    def test_lines_end_where_the_monitor_breaks_the_protocol(self):
        monitor = self.start("lines")
        monitor.send(packet(200))
        self.assertEqual(3, monitor.process.wait(DEADLINE))


if __name__ == "__main__":
    unittest.main()
