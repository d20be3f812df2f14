"""Tests of a worker that uses layer 2, by frames and by what its clients see. WORKER names the program."""

import os
import re
import select
import signal
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from monitor import *

COMMAND = os.environ["WORKER"].split()
GET = b"GET /app/%s HTTP/1.1\r\nHost: h\r\n\r\n"


class WorkerCase(unittest.TestCase):
    def start(self, **arguments):
        monitor = Monitor(COMMAND, **arguments)
        self.addCleanup(monitor.close)
        return monitor

    def get(self, kept, what, status=200):
        kept.client.sendall(GET % what)
        answer = response(kept.client)
        self.assertEqual(status, answer[0])
        return answer[2]


class FrameTest(WorkerCase):
    """What the monitor does wrong, and what the worker does then."""

    def refused(self, data, fds=(), ready=True):
        monitor = self.start(ready=ready)
        monitor.send(data, fds)
        self.assertEqual(3, monitor.process.wait(DEADLINE * SLOWNESS), monitor.output())
        self.assertIn("The monitor broke the protocol", monitor.output())

    def test_refuses_every_truncated_header(self):
        for size in (1, 2, 8, 23):
            self.refused(packet(PING)[:size])

    def test_refuses_a_frame_longer_than_one_can_be(self):
        self.refused(packet(FOREIGN_CONTEXTS, payload=b" /x\n" * 32768 + b"x"))

    def test_takes_the_longest_frame(self):
        monitor = self.start()
        monitor.send(packet(FOREIGN_CONTEXTS, payload=b" /x\n" * 32768))
        monitor.ping()

    def test_refuses_other_versions_and_unknown_types(self):
        self.refused(packet(PING, version=2))
        for kind in (0, 11, 64, READY, GIVE_BACK, 255):
            self.refused(packet(kind))

    def test_refuses_a_slot_that_does_not_exist(self):
        monitor = self.start()
        _, server = monitor.accept()
        self.addCleanup(server.close)
        monitor.send(packet(CONNECTION, 0, SLOTS, 1), [server.fileno()])
        self.assertEqual(3, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_refuses_a_connection_before_ready(self):
        monitor = self.start(ready=False, early=True)
        self.assertEqual(3, monitor.process.wait(DEADLINE * SLOWNESS))
        self.assertIsNone(monitor.receive())

    def test_refuses_an_id_that_is_held(self):
        monitor = self.start()
        kept = monitor.hand_off()
        monitor.send(packet(CONNECTION, 0, kept.slot + 1, kept.id), [kept.fd.fileno()])
        self.assertEqual(3, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_refuses_earlier_of_another_length_and_elsewhere_without_a_space(self):
        with open(os.devnull) as file:
            self.refused(packet(SPILLED, 0, 1, 1, 1, b"1234567"), [file.fileno()])
            self.refused(packet(PING), [file.fileno()])
        self.refused(packet(FOREIGN_CONTEXTS, payload=b" /app\nnonsense\n"))

    def test_gives_back_what_came_without_its_descriptor(self):
        monitor = self.start()
        monitor.send(packet(CONNECTION, 0, 3, 5, 4, b"GET "))
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((NOT_TAKEN, 3, 5, 4), (frame.flags, frame.slot, frame.id, frame.position))
        kept = monitor.hand_off(flags=1)
        self.assertEqual(NOT_TAKEN, monitor.expect(GIVE_BACK).flags)
        self.assertEqual(UNTAKEN, monitor.state(kept))

    def test_survives_a_flood_of_pings(self):
        monitor = self.start()
        for _ in range(200):
            monitor.send(packet(PING))
        for _ in range(200):
            monitor.expect(PONG)

    def test_needs_the_environment(self):
        for name, value in (("HANDOFF_PROTOCOL", None), ("HANDOFF_PROTOCOL", "2"), ("HANDOFF_SCOREBOARD", "/no"),
                            ("HANDOFF_DISPATCH", "other"), ("HANDOFF_MAX_REQUESTS", "many")):
            with self.subTest(name=name, value=value):
                monitor = self.start(ready=False, **{name: value})
                self.assertEqual(2, monitor.process.wait(DEADLINE * SLOWNESS))
                self.assertIn(name if name != "HANDOFF_SCOREBOARD" else "scoreboard", monitor.output())

    def test_replaces_a_connection_whose_slot_is_handed_off_again(self):
        monitor = self.start()
        first = monitor.hand_off()
        second = monitor.hand_off(slot=first.slot)
        self.assertIn(b"GET /app/x", self.get(second, b"x"))
        self.assertEqual(b"", first.client.recv(1))


class LifeTest(WorkerCase):
    def test_gives_connections_back_on_off_and_serves_again_on_on(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"a")
        self.assertEqual(200, response(kept.client)[0])
        monitor.send(packet(OFF))
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((REQUESTED, kept.id, len(GET % b"a"), b""),
                         (frame.flags, frame.id, frame.position, frame.payload))
        monitor.pass_on(kept, b"", frame.position)
        self.assertEqual(REQUESTED, monitor.expect(GIVE_BACK).flags)
        monitor.send(packet(ON))
        monitor.ping()
        monitor.pass_on(kept, b"", frame.position)
        self.get(kept, b"b")

    def test_takes_connections_again_that_it_gave_back(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"a")
        response(kept.client)
        for _ in range(5):
            monitor.ping()
            monitor.send(packet(OFF))
            frame = monitor.expect(GIVE_BACK)
            monitor.send(packet(ON))
            kept = monitor.again(kept, frame)
            self.get(kept, b"b")

    def test_gives_back_the_bytes_of_a_request_that_is_not_complete(self):
        monitor = self.start()
        kept = monitor.hand_off(b"\r\nGET /ap")
        monitor.until(lambda: monitor.state(kept) == READING)
        kept.client.sendall(b"p/x HT")
        monitor.until(lambda: monitor.counts(kept)[0] == 15)
        monitor.send(packet(OFF))
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((REQUESTED, b"\r\nGET /app/x HT", 15), (frame.flags, frame.payload, frame.position))

    def test_retires(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"sleep?200")
        monitor.until(lambda: monitor.state(kept) == HANDLING)
        monitor.send(packet(RETIRE))
        self.assertEqual(b"slept\n", response(kept.client)[2])
        self.assertEqual(REQUESTED, monitor.expect(GIVE_BACK).flags)
        self.assertEqual(0, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_finishes_when_the_monitor_is_gone(self):
        monitor = self.start()
        busy = monitor.hand_off(GET % b"sleep?300")
        idle = monitor.hand_off()
        monitor.until(lambda: monitor.state(busy) == HANDLING)
        monitor.control.close()
        self.assertEqual(b"slept\n", response(busy.client)[2])
        self.assertEqual(b"", idle.client.recv(1))
        busy.client.close()
        self.assertEqual(0, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_ends_in_time_when_the_monitor_is_gone_and_a_handler_hangs(self):
        monitor = self.start(HANDOFF_DRAIN_TIMEOUT="1")
        kept = monitor.hand_off(GET % b"sleep?60000")
        monitor.until(lambda: monitor.state(kept) == HANDLING)
        monitor.control.close()
        self.assertEqual(1, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_says_spent_behind_the_last_request(self):
        monitor = self.start(HANDOFF_MAX_REQUESTS="2")
        kept = monitor.hand_off(GET % b"a")
        response(kept.client)
        self.get(kept, b"b")
        monitor.expect(QUOTA_REACHED)
        self.assertEqual(REQUESTED, monitor.expect(GIVE_BACK).flags)
        monitor.until(lambda: monitor.answered() == 2)
        monitor.send(packet(RETIRE))
        self.assertEqual(0, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_begins_no_request_beyond_the_last_one(self):
        monitor = self.start(HANDOFF_MAX_REQUESTS="2")
        kept = monitor.hand_off(GET % b"a" + GET % b"b" + GET % b"c")
        monitor.expect(QUOTA_REACHED)
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((REQUESTED, GET % b"c"), (frame.flags, frame.payload))

    def test_leaves_on_a_signal_when_another_one_is_ready(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"a")
        response(kept.client)
        monitor.process.send_signal(signal.SIGTERM)
        monitor.expect(LEAVING)
        self.get(kept, b"still")
        monitor.send(packet(RETIRE))
        monitor.expect(GIVE_BACK)
        self.assertEqual(0, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_leaves_on_a_signal_where_nobody_takes_its_place(self):
        monitor = self.start(HANDOFF_DRAIN_TIMEOUT="8")
        monitor.hand_off()
        monitor.process.send_signal(signal.SIGTERM)
        monitor.expect(LEAVING)
        monitor.expect(QUOTA_REACHED)
        monitor.expect(GIVE_BACK)
        self.assertEqual(0, monitor.process.wait(DEADLINE * SLOWNESS))

    def test_gives_an_idle_connection_back(self):
        monitor = self.start(TEST_IDLE="1")
        kept = monitor.hand_off()
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((IDLE_LONG, kept.id), (frame.flags, frame.id))

    def test_needs_neither_the_path_of_the_scoreboard_nor_descriptor_0_after_ready(self):
        monitor = self.start()
        os.unlink(monitor.board_path)
        kept = monitor.hand_off(GET % b"a")
        response(kept.client)
        monitor.until(lambda: monitor.answered() == 1)
        self.assertTrue(os.path.samefile("/proc/%d/fd/0" % monitor.process.pid, "/dev/null"))


class DispatchTest(WorkerCase):
    def test_answers_ping_and_dump_while_a_handler_hangs(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"sleep?60000")
        monitor.until(lambda: monitor.state(kept) == HANDLING)
        self.assertEqual(kept.id, monitor.running()[0])
        monitor.ping()
        monitor.send(packet(DUMP))
        monitor.expect(DUMPED)
        self.assertIn("The thread that runs handlers", monitor.output())

    def test_serves_others_again_when_a_slow_handler_ends(self):
        monitor = self.start()
        slow = monitor.hand_off(GET % b"sleep?100")
        others = [monitor.hand_off(GET % b"x") for _ in range(20)]
        for kept in [slow, *others]:
            self.assertEqual(200, response(kept.client)[0])

    def test_gives_each_connection_back_by_request(self):
        monitor = self.start(dispatch="request")
        for _ in range(3):
            kept = monitor.hand_off(GET % b"a")
            response(kept.client)
            frame = monitor.expect(GIVE_BACK)
            self.assertEqual(DISPATCH, frame.flags)
            monitor.expect(FREE)
            self.assertEqual(IDLE, monitor.state(kept))

    def test_says_slow_gives_away_and_says_quick(self):
        monitor = self.start(dispatch="adaptive")
        idle = monitor.hand_off()
        waiting = monitor.hand_off()
        slow = monitor.hand_off(GET % b"sleep?300")
        monitor.expect(SLOW)
        given = {monitor.expect(GIVE_BACK).id, monitor.expect(GIVE_BACK).id}
        self.assertEqual({idle.id, waiting.id}, given)
        response(slow.client)
        self.assertEqual(slow.id, monitor.expect(GIVE_BACK).id)
        monitor.expect(FREE)
        for _ in range(100):
            kept = monitor.hand_off(GET % b"a")
            response(kept.client)
            frame = monitor.expect(GIVE_BACK, QUICK, FREE)
            if frame.type != QUICK:
                frame = monitor.expect(QUICK, FREE)
            if frame.type == QUICK:
                break
        self.assertEqual(QUICK, frame.type)

    def test_yields_the_connections_that_answer(self):
        monitor = self.start()
        first = monitor.hand_off()
        second = monitor.hand_off()
        monitor.send(packet(YIELD, 1))
        monitor.ping()
        self.get(second, b"a")
        frame = monitor.expect(GIVE_BACK)
        self.assertEqual((DISPATCH, second.id), (frame.flags, frame.id))
        self.get(first, b"a")
        self.get(first, b"b")


class HttpTest(WorkerCase):
    def test_answers_pipelined_requests_in_order(self):
        monitor = self.start()
        count = 2000
        kept = monitor.hand_off()
        kept.client.sendall(b"".join(GET % (b"n%d" % i) for i in range(count)))
        data = b""
        while data.count(b"HTTP/1.1 200") < count or not data.endswith(b"GET /app/n%d \n" % (count - 1)):
            data += kept.client.recv(1 << 20)
        self.assertEqual(sorted(range(count)), [int(part.split(b" ")[0]) for part in data.split(b"GET /app/n")[1:]])
        monitor.until(lambda: monitor.answered() == count)

    def test_takes_bodies_of_all_sizes(self):
        monitor = self.start()
        kept = monitor.hand_off()
        for size in (0, 1, 16000, 16320, 16321, 40000, 1 << 20, 5 << 20):
            body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
            kept.client.sendall(b"POST /app/echo HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size)
            sender = os.fork()
            if sender == 0:
                kept.client.sendall(body)
                os._exit(0)
            self.assertEqual(body, response(kept.client)[2])
            os.waitpid(sender, 0)

    def test_takes_chunked_bodies(self):
        monitor = self.start()
        kept = monitor.hand_off()
        for size in (1, 5000, 300000):
            body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
            chunks = b"".join(b"%x;x=y\r\n%s\r\n" % (len(body[i:i + 7777]), body[i:i + 7777])
                              for i in range(0, size, 7777))
            kept.client.sendall(b"POST /app/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            kept.client.sendall(chunks + b"0\r\nTrailer: t\r\n\r\n")
            self.assertEqual(body, response(kept.client)[2])
            kept.client.sendall(b"POST /app/sum HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            kept.client.sendall(chunks + b"0\r\n\r\n")
            self.assertTrue(response(kept.client)[2].startswith(b"%d " % size))

    def test_tells_the_client_to_go_on(self):
        monitor = self.start()
        kept = monitor.hand_off(b"POST /app/echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                                b"Content-Length: 3\r\n\r\n")
        self.assertEqual(100, response(kept.client)[0])
        kept.client.sendall(b"abc")
        self.assertEqual(b"abc", response(kept.client)[2])
        self.get(kept, b"x")

    def test_gives_foreign_requests_back_whole(self):
        monitor = self.start()
        for request in (b"GET /other HTTP/1.1\r\nHost: h\r\n\r\n", b"GET /application HTTP/1.1\r\nHost: h\r\n\r\n",
                        b"GET /only HTTP/1.1\r\nHost: h\r\n\r\n",
                        b"POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nbo"):
            kept = monitor.hand_off(request)
            frame = monitor.expect(GIVE_BACK)
            self.assertEqual((FOREIGN, request, len(request)), (frame.flags, frame.payload, frame.position))
            self.assertEqual(kept.id, frame.id)
        kept = monitor.hand_off(b"GET /only HTTP/1.1\r\nHost: Example.org.:80\r\n\r\n")
        self.assertEqual(200, response(kept.client)[0])

    def test_leaves_to_others_what_elsewhere_says(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"theirs/x")
        response(kept.client)
        monitor.send(packet(FOREIGN_CONTEXTS, payload=b" /app/theirs\nother.host /app/echo\n" + b" /unrelated\n" * 1000))
        monitor.ping()
        self.get(kept, b"theirsnot")
        self.get(kept, b"echo")
        kept.client.sendall(GET % b"theirs/x")
        self.assertEqual(FOREIGN, monitor.expect(GIVE_BACK).flags)
        kept = monitor.hand_off(b"GET /app/echo HTTP/1.1\r\nHost: other.host\r\n\r\n")
        self.assertEqual(FOREIGN, monitor.expect(GIVE_BACK).flags)
        monitor.send(packet(FOREIGN_CONTEXTS))
        monitor.ping()
        kept = monitor.hand_off(GET % b"theirs/x")
        self.assertEqual(200, response(kept.client)[0])

    def test_refuses_what_it_cannot_serve_and_closes(self):
        monitor = self.start()
        for request, status in ((b"GET /app\n\n", 400), (b"GET /app HTTP/1.1\r\n\r\n", 400),
                                (b"GET /app/%2f HTTP/1.1\r\nHost: h\r\n\r\n", 400),
                                (b"GET /app/%ff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
                                (b"GET /" + b"x" * 400 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
                                (b"GET /app HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 40000 + b"\r\n\r\n", 431),
                                (b"GET /app HTTP/2.0\r\nHost: h\r\n\r\n", 505),
                                (b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501),
                                (b"GET /app HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417),
                                (b"POST /app HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
                                (b"POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n", 413)):
            with self.subTest(request=request[:60]):
                kept = monitor.hand_off(request)
                answer = response(kept.client)
                self.assertEqual((status, "close"), (answer[0], answer[1]["connection"]))
                self.assertEqual(b"", kept.client.recv(1))

    def test_refuses_a_client_that_does_not_finish_its_head(self):
        monitor = self.start()
        kept = monitor.hand_off(b"GET /app HT")
        self.assertEqual(408, response(kept.client)[0])

    def test_refuses_what_there_is_no_file_for(self):
        monitor = self.start(TMPDIR="/nowhere")
        upload = b"POST /app/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40000
        kept = monitor.hand_off(upload[:30000])
        self.assertEqual(503, response(kept.client)[0])
        kept = monitor.hand_off(upload[:100])
        kept.client.sendall(upload[100:])
        self.assertEqual(503, response(kept.client)[0])
        kept = monitor.hand_off(GET % b"big?1000000", window=4096)
        self.assertEqual(1000000, len(response(kept.client)[2]))
        self.get(kept, b"x")

    def test_knows_head_and_old_clients(self):
        monitor = self.start()
        kept = monitor.hand_off(b"HEAD /app/x HTTP/1.1\r\nHost: h\r\n\r\n")
        status, fields, rest = response(kept.client, head=True)
        self.assertEqual((200, "13", b""), (status, fields["content-length"], rest))
        self.assertEqual(b"", self.get(kept, b"nothing", 204))
        kept = monitor.hand_off(b"GET /app/stream?30000 HTTP/1.0\r\n\r\n")
        status, fields, rest = response(kept.client)
        self.assertEqual((200, "close", 30000), (status, fields["connection"], len(rest)))
        self.assertNotIn("transfer-encoding", fields)
        kept = monitor.hand_off(b"GET /app/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        self.assertEqual("keep-alive", response(kept.client)[1]["connection"])
        self.get(kept, b"x")

    @staticmethod
    def is_ended(kept):
        """Whether both sides of a connection have ended, for every process that has it."""
        poll = select.poll()
        poll.register(kept.fd, 0)
        return bool(poll.poll(0))

    def test_ends_with_the_response_that_its_client_calls_the_last_one(self):
        monitor = self.start()
        for first in (b"", b"GET /app/"):
            kept = monitor.hand_off(first)
            kept.client.sendall((GET % b"x")[len(first):-2] + b"Connection: close\r\n\r\n")
            self.assertEqual(200, response(kept.client)[0])
            self.assertEqual(b"", kept.client.recv(1))
            # The client has not ended its side.
            self.assertTrue(self.is_ended(kept))
            self.assertEqual(0, monitor.numbers(kept)[3], "begins")

    def test_sends_the_last_response_and_the_end_in_one_packet(self):
        monitor = self.start()
        request = (GET % b"x")[:-2] + b"Connection: close\r\n\r\n"
        kept = monitor.hand_off(request, hold=True)
        monitor.until(lambda: unacknowledged(kept.client) == 0)
        before = packets_sent(kept.fd)
        monitor.pass_on(kept, request, len(request))
        self.assertEqual(200, response(kept.client)[0])
        self.assertEqual(b"", kept.client.recv(1))
        self.assertEqual(1, packets_sent(kept.fd) - before)

    def test_waits_for_the_end_of_a_client_that_has_sent_more_than_the_monitor_has_read(self):
        monitor = self.start()
        last = (GET % b"x")[:-2] + b"Connection: close\r\n\r\n"
        kept = monitor.hand_off(last, hold=True)
        kept.client.sendall(b"\r\n")
        monitor.until(lambda: monitor.arrived(kept) == len(last) + 2)
        monitor.pass_on(kept, last, len(last))
        self.waits_for_the_end(monitor, kept)

    def test_waits_for_the_end_of_a_client_that_may_send_a_line_break_behind_a_body(self):
        monitor = self.start()
        kept = monitor.hand_off(b"POST /app/echo HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")
        self.waits_for_the_end(monitor, kept)

    def waits_for_the_end(self, monitor, kept):
        self.assertEqual(200, response(kept.client)[0])
        self.assertEqual(b"", kept.client.recv(1))
        self.assertFalse(self.is_ended(kept))
        kept.client.close()
        monitor.until(lambda: self.is_ended(kept))

    def test_reads_on_where_a_client_sends_more_than_its_last_request(self):
        monitor = self.start()
        kept = monitor.hand_off((GET % b"big?100000")[:-2] + b"Connection: close\r\n\r\n\r\n", window=4096)
        self.assertEqual(100000, len(response(kept.client)[2]))
        self.assertEqual(b"", kept.client.recv(1))
        self.assertFalse(self.is_ended(kept))
        kept.client.close()
        monitor.until(lambda: self.is_ended(kept))

    def test_has_fields(self):
        monitor = self.start()
        kept = monitor.hand_off(b"GET /app/field?X-One HTTP/1.1\r\nHost: h\r\nx-oNE:  a b \t\r\nLast:\r\n\r\n")
        self.assertEqual(b"a b", response(kept.client)[2])
        self.get(kept, b"field?none", 404)

    def test_sends_files_and_large_responses_to_slow_clients(self):
        monitor = self.start(TEST_FILE=__file__)
        with open(__file__, "rb") as file:
            content = file.read()[10:]
        kept = monitor.hand_off(GET % b"file", window=4096)
        self.assertEqual(content, response(kept.client)[2])
        slow = monitor.hand_off(GET % b"big?3000000", window=4096)
        monitor.expect(TAIL)
        self.get(kept, b"x")
        self.assertEqual(3000000, len(response(slow.client)[2]))
        slow.client.sendall(GET % b"stream?3000000")
        monitor.expect(TAIL)
        self.get(kept, b"x")
        self.assertEqual(3000000, len(response(slow.client)[2]))
        self.get(slow, b"x")

    def test_cuts_a_response_that_fails_half_way(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"half")
        with self.assertRaises((AssertionError, ConnectionResetError)):
            response(kept.client)
        kept = monitor.hand_off(b"GET /app/half HTTP/1.0\r\n\r\n")
        with self.assertRaises(ConnectionResetError):
            while kept.client.recv(100):
                pass

    def test_notices_clients_that_leave(self):
        monitor = self.start()
        count = len(os.listdir("/proc/%d/fd" % monitor.process.pid))
        for _ in range(20):
            kept = monitor.hand_off(GET % b"x")
            response(kept.client)
            kept.client.close()
            kept.fd.close()
            del monitor.kept[kept.id]
        monitor.until(lambda: len(os.listdir("/proc/%d/fd" % monitor.process.pid)) == count)


class MemoryTest(WorkerCase):
    """What all clients together may fill: http.memory."""

    LONG = b"GET /app/%s HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 30000

    def start(self, memory="1m"):
        # The sanitizer is not to keep what was freed.
        monitor = super().start(HANDOFF_HTTP_MEMORY=memory, ASAN_OPTIONS="quarantine_size_mb=1")
        self.before = self.memory(monitor)
        return monitor

    @staticmethod
    def memory(monitor):
        """The worker's own memory, without the scoreboard, in bytes."""
        with open("/proc/%d/status" % monitor.process.pid) as status:
            return int(re.search(r"RssAnon:\s+(\d+) kB", status.read())[1]) * 1024

    def send(self, monitor, data):
        """A client of which the worker has read this."""
        kept = monitor.hand_off()
        kept.client.sendall(data)
        # PING has the frames read that the worker sends meanwhile.
        monitor.until(lambda: monitor.ping() and monitor.counts(kept)[0] == len(data))
        return kept

    def test_keeps_small_bodies_in_files_where_their_memory_is_full(self):
        monitor = self.start()
        body = os.urandom(60000)
        head = b"POST /app/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nea60\r\n"
        slow = [self.send(monitor, head + body[:59000]) for _ in range(200)]
        self.assertIn(b"GET /app/x", self.get(self.send(monitor, b""), b"x"))
        self.assertLess(self.memory(monitor) - self.before, 4 << 20)
        for kept in slow:
            kept.client.sendall(body[59000:] + b"\r\n0\r\n\r\n")
            self.assertEqual((200, body), response(kept.client)[::2])
            self.get(kept, b"x")

    def test_ends_the_oldest_requests_where_the_memory_for_heads_is_full(self):
        monitor = self.start()
        clients = [self.send(monitor, self.LONG % b"x") for _ in range(200)]
        self.assertLess(self.memory(monitor) - self.before, 4 << 20)
        for kept in clients[:150]:
            self.assertEqual(503, response(kept.client)[0])
            self.assertEqual(b"", kept.client.recv(1))
        self.assertIn(b"GET /app/x", self.get(self.send(monitor, b""), b"x"))
        for kept in clients[-10:]:
            kept.client.sendall(b"\r\n\r\n")
            self.assertEqual(200, response(kept.client)[0])
        monitor.until(lambda: "requests were answered 503" in monitor.output())

    def test_ends_requests_that_wait_for_a_handler_but_not_the_one_that_runs(self):
        monitor = self.start()
        pipe = os.path.join(monitor.directory.name, "pipe")
        os.mkfifo(pipe)
        busy = self.send(monitor, self.LONG % (b"pipe?%s" % pipe.encode()) + b"\r\n\r\n")
        monitor.until(lambda: monitor.state(busy) == HANDLING)
        clients = [self.send(monitor, self.LONG % b"x" + b"\r\n\r\n") for _ in range(20)]
        self.assertEqual(503, response(clients[0].client)[0])
        os.close(os.open(pipe, os.O_WRONLY))
        self.assertEqual(b"opened\n", response(busy.client)[2])
        self.assertEqual(200, response(clients[-1].client)[0])

    def test_forgets_a_head_when_its_handler_has_returned(self):
        monitor = self.start()
        slow = []
        for _ in range(40):
            kept = monitor.hand_off(window=4096)
            kept.client.sendall(self.LONG % b"big?200000" + b"\r\n\r\n")
            slow.append(kept)
            monitor.expect(TAIL, skip=(SPILL,))
        for kept in slow:
            self.assertEqual(200000, len(response(kept.client)[2]))

    def test_says_which_sizes_it_does_not_know(self):
        for told, known in (("25%", False), ("1q", False), ("1mm", False), ("2048K", True), ("1048576", True)):
            with self.subTest(told):
                monitor = self.start(told)
                self.assertEqual(not known, "http.memory = %s is no size" % told in monitor.output())


class DeathTest(WorkerCase):
    """What the monitor finds when the worker was killed."""

    def test_an_idle_connection_is_parked(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"a")
        response(kept.client)
        monitor.until(lambda: monitor.state(kept) == IDLE)
        monitor.kill()
        self.assertEqual(("parked", b""), monitor.verdict(kept))

    def test_a_part_of_a_request_goes_to_another_worker(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"a" + b"POST /app")
        response(kept.client)
        kept.client.sendall(b"/x HTTP/1.1\r\n")
        monitor.until(lambda: monitor.counts(kept)[0] == len(GET % b"a") + 22)
        monitor.kill()
        self.assertEqual(("again", b"POST /app/x HTTP/1.1\r\n"), monitor.verdict(kept))

    def test_requests_that_wait_for_a_handler_go_to_another_worker(self):
        monitor = self.start()
        busy = monitor.hand_off(GET % b"sleep?60000")
        monitor.until(lambda: monitor.state(busy) == HANDLING)
        waiting = [monitor.hand_off() for _ in range(5)]
        for i, kept in enumerate(waiting):
            kept.client.sendall(GET % (b"w%d" % i))
            monitor.until(lambda: monitor.state(kept) == READING)
        monitor.kill()
        self.assertEqual(("502", b""), monitor.verdict(busy))
        for i, kept in enumerate(waiting):
            self.assertEqual(("again", GET % (b"w%d" % i)), monitor.verdict(kept))

    def test_a_large_request_is_in_the_file(self):
        monitor = self.start()
        head = b"POST /app/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n"
        for first in (b"", GET % b"x"):
            kept = monitor.hand_off(first + head)
            if first:
                response(kept.client)
            sent = head
            for i in range(60):
                piece = bytes([i]) * 1999
                kept.client.sendall(piece)
                sent += piece
            monitor.until(lambda: monitor.counts(kept)[0] == len(first) + len(sent))
            monitor.expect(SPILL)
            monitor.ping()
            setattr(kept, "sent", sent)
        monitor.kill()
        for kept in monitor.kept.values():
            self.assertEqual(("again", kept.sent), monitor.verdict(kept))

    def test_a_large_request_is_given_back_with_its_file_and_taken_over(self):
        monitor = self.start()
        body = os.urandom(90000)
        request = b"POST /app/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n" + body
        kept = monitor.hand_off(GET % b"x" + request[:100])
        response(kept.client)
        kept.client.sendall(request[100:50000])
        monitor.until(lambda: monitor.counts(kept)[0] == len(GET % b"x") + 50000)
        monitor.send(packet(OFF))
        frame = monitor.expect(GIVE_BACK, skip=(SPILL,))
        self.assertEqual(REQUESTED + 256, frame.flags)
        begin, = struct.unpack(">Q", frame.payload[:8])
        rest = frame.payload[8:]
        self.assertEqual(len(GET % b"x"), begin)
        length = frame.position - len(rest) - begin
        held = os.pread(kept.overflow.fd, length, begin - kept.overflow.position)
        self.assertEqual(request[:50000], held + rest)
        another = self.start()
        offset = begin - kept.overflow.position
        another.send(packet(SPILLED, 0, kept.slot, kept.id, begin, struct.pack(">Q", offset)), [kept.overflow.fd])
        another.pass_on(kept, rest, frame.position, 1)
        another.kept[kept.id] = kept
        kept.client.sendall(request[50000:])
        self.assertEqual(body, response(kept.client)[2])
        kept.client.sendall(GET % b"x")
        self.assertEqual(200, response(kept.client)[0])
        del another.kept[kept.id]

    def test_takes_over_a_file_that_begins_before_the_connection(self):
        monitor = self.start()
        request = GET % b"x"
        with open(os.path.join(monitor.directory.name, "earlier"), "wb+") as file:
            file.write(b"12345" + request[:10])
            file.flush()
            kept = monitor.hand_off(position=0, hold=True)
            monitor.send(packet(SPILLED, 0, kept.slot, kept.id, 0, struct.pack(">Q", 5)), [file.fileno()])
            monitor.pass_on(kept, request[10:20], 20, 1)
        kept.client.sendall(request[20:])
        self.assertEqual(200, response(kept.client)[0])

    def test_a_payload_longer_than_the_journal_is_kept(self):
        monitor = self.start()
        requests = [GET % (b"n%d" % i) for i in range(2500)]
        data = b"".join(requests)
        busy = monitor.hand_off(GET % b"sleep?60000")
        monitor.until(lambda: monitor.state(busy) == HANDLING)
        kept = monitor.hand_off(data[:100000])
        monitor.expect(SPILL)
        monitor.ping()
        monitor.kill()
        self.assertEqual(("again", data[:100000]), monitor.verdict(kept))
        monitor = self.start()
        kept = monitor.hand_off(data[:100000])
        kept.client.sendall(data[100000:])
        seen = b""
        while not seen.endswith(b"GET /app/n2499 \n"):
            seen += kept.client.recv(1 << 20)
        self.assertEqual(2500, seen.count(b"HTTP/1.1 200"))

    def test_a_response_on_its_way_is_completed_from_the_copy(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"big?15000", window=2048)
        monitor.until(lambda: monitor.state(kept) == ANSWERING)
        monitor.ping()
        # As if the worker had died before it wrote anything, or at any time later.
        begins, ends, answer = monitor.numbers(kept)[3:]
        self.assertEqual(ends, answer)
        copy = monitor.copy(kept)[:answer >> 1]
        monitor.kill()
        written = monitor.counts(kept)[1]
        word, rest = monitor.verdict(kept)
        self.assertEqual("answer", word)
        self.assertEqual(copy[written:], rest)
        self.assertTrue(copy.endswith((b"abcdefghijklmnopqrstuvwxyz" * 600)[:15000]))

    def test_a_large_response_is_completed_from_its_file(self):
        with open(__file__, "rb") as file:
            content = file.read()
        for what, body in ((b"big?3000000", (b"abcdefghijklmnopqrstuvwxyz" * 120000)[:3000000]),
                           (b"stream?3000000", None), (b"file", content[10:])):
            with self.subTest(what=what):
                monitor = self.start(TEST_FILE=__file__)
                kept = monitor.hand_off(GET % what, window=2048)
                monitor.expect(TAIL)
                monitor.kill()
                word, rest = monitor.verdict(kept)
                self.assertEqual("rest", word)
                kept.fd.setblocking(True)
                sender = os.fork()
                if sender == 0:
                    kept.fd.sendall(rest)
                    os._exit(0)
                answer = response(kept.client)
                os.waitpid(sender, 0)
                if body is None:
                    self.assertEqual(3000000, len(answer[2]))
                else:
                    self.assertEqual(body, answer[2])

    def test_half_a_response_is_cut(self):
        monitor = self.start()
        kept = monitor.hand_off(GET % b"half?die")
        self.assertEqual(9, monitor.process.wait(DEADLINE * SLOWNESS))
        self.assertEqual("cut", monitor.verdict(kept)[0])

    def test_no_request_is_lost_whenever_the_worker_dies(self):
        """Kills workers at random; each request is answered by one of them, or its handler was running."""
        lost = 0
        for turn in range(15):
            monitor = self.start()
            clients = [monitor.hand_off() for _ in range(8)]
            sent = 0
            while sent < 40 + turn * 7:
                kept = clients[sent % 8]
                kept.client.sendall(GET % (b"t%d" % sent))
                sent += 1
            monitor.kill()
            for number, kept in enumerate(clients):
                # What was sent may be under way, in both directions.
                mine = range(number, sent, 8)
                total = sum(len(GET % (b"t%d" % i)) for i in mine)
                monitor.until(lambda: monitor.arrived(kept) == total)
                word, rest = monitor.verdict(kept)
                seen = b""
                while len(seen) < monitor.counts(kept)[1]:
                    seen += kept.client.recv(1 << 20)
                unread = b""
                kept.fd.setblocking(False)
                try:
                    unread = kept.fd.recv(1 << 20)
                except BlockingIOError:
                    pass
                answered = seen.count(b"HTTP/1.1 200")
                pending = b""
                if word == "answer":
                    answered += 1 if rest else 0
                    pending = monitor.unused(kept, monitor.numbers(kept)[2])
                elif word in ("again", "parked"):
                    pending = rest
                else:
                    lost += 1
                    pending = monitor.unused(kept, monitor.numbers(kept)[2])
                whole = (pending + unread).count(b"GET /app/t")
                self.assertEqual(len(mine), answered + whole + (word not in ("answer", "again", "parked")),
                                 (turn, number, word))
        self.assertLessEqual(lost, 15)


if __name__ == "__main__":
    unittest.main()
