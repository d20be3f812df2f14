"""What clients of a real worker process see, and what its monitor does."""

import socket

import unittest

from tests.started import request, start, wsgi

from handoff_check.monitor import DISPATCH, DUMP, DUMPED, OFF, REQUESTED, RETIRE, Failed

PLAIN = "applications:plain"


class WorkerTest(unittest.TestCase):
    def worker(self, application=PLAIN, *options, **environment):
        worker = wsgi(application, *options, **environment)
        self.addCleanup(worker.close)
        return worker

    def client(self, worker, payload=b""):
        client = worker.connect()
        client.hand_off(payload)
        return client

    def test_answers_what_is_refused_and_lets_the_client_read_that(self):
        worker = self.worker(PLAIN, "--http.body", "1000")
        for sent, status in (
            (request("/", "Content-Length: 5000000", method="POST"), 413),
            (b"GET / HTTP/1.1\r\n\r\n", 400),
            (request("/", "Expect: miracles"), 417),
            (request("/" + "x" * 10000), 414),
            (request("/", "X: " + "x" * 40000), 431),
        ):
            client = self.client(worker)
            client.send(sent)
            self.assertEqual(status, client.response()[0])
            # Who goes on sending is not reset, and may read the answer when it has sent all.
            client.send(bytes(10000000))
            client.socket.shutdown(socket.SHUT_WR)
            client.await_end()

    def test_takes_the_limits_of_the_pool_where_no_others_are_given(self):
        for options, status in (((), 413), (("--http.body", "2000"), 200)):
            client = self.client(self.worker(PLAIN, *options, http_body="1000"))
            client.send(request("/", method="POST", body=bytes(1500)))
            self.assertEqual(status, client.response()[0])

    def test_sends_no_content_in_answer_to_a_head_request_that_is_refused(self):
        client = self.client(self.worker(), b"HEAD / HTTP/1.1\r\n\r\n")
        self.assertEqual((400, b""), client.response(head_only=True))
        client.await_end()
        self.assertTrue(client.nothing_more())

    def test_takes_large_and_chunked_bodies(self):
        worker = self.worker()
        client = self.client(worker)
        body = bytes(range(256)) * 40000
        client.send(request("/", method="POST", body=body))
        whole = client.response()[1]
        self.assertTrue(whole.startswith(b"10240000 "), whole)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:700000], body[700000:]))
        client.send(request("/", "Transfer-Encoding: chunked", method="POST") + chunks + b"0\r\n\r\n")
        self.assertEqual(whole, client.response()[1])

    def test_tells_clients_to_go_on(self):
        client = self.client(self.worker())
        client.send(request("/", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", client.socket.recv(100))
        client.send(b"abc")
        self.assertTrue(client.response()[1].startswith(b"3 "))

    def test_serves_others_while_a_client_is_slow(self):
        worker = self.worker()
        slow = self.client(worker, request("/?bytes=50000000"))
        other = self.client(worker)
        other.send(request("/"))
        self.assertEqual(200, other.response()[0])
        worker.send(OFF)
        other.given_back(REQUESTED, b"")
        self.assertEqual(50000000, len(slow.response()[1]))
        slow.given_back(REQUESTED, b"")

    def test_cuts_a_response_whose_client_takes_nothing(self):
        worker = self.worker(PLAIN, "--http.write.timeout", "1", "--http.spool", "4096")
        slow = worker.connect()
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.hand_off(request("/?bytes=50000000"))
        other = self.client(worker, request("/"))
        self.assertEqual(200, other.response()[0])
        self.assertRaisesRegex(Failed, "reset|cut", slow.response)

    def test_cuts_a_response_whose_handler_fails_in_the_middle(self):
        worker = self.worker()
        client = self.client(worker, request("/?bytes=200000&cut=1"))
        self.assertRaisesRegex(Failed, "reset|cut", client.response)
        # Here only a reset tells that the end is not the response's.
        client = self.client(worker, b"GET /?bytes=200000&cut=1 HTTP/1.0\r\n\r\n")
        self.assertRaisesRegex(Failed, "reset", client.response)

    def test_answers_500_and_goes_on_when_a_handler_fails(self):
        worker = self.worker()
        client = self.client(worker)
        for _ in range(2):
            client.send(request("/?fail=1"))
            self.assertEqual(500, client.response()[0])
        self.assertIn(b"ValueError: as asked for", worker.output())

    def test_ends_when_a_handler_ends_it(self):
        worker = self.worker()
        self.client(worker, request("/?exit=1"))
        self.assertEqual(1, worker.exit_status())

    def test_ends_slow_requests(self):
        worker = self.worker(PLAIN, "--http.header.timeout", "1", "--http.body.timeout", "1")
        parts = (b"GET / HT", request("/", "Content-Length: 10", method="POST") + b"abc")
        for client in [self.client(worker, part) for part in parts]:
            self.assertEqual(408, client.response()[0])

    def test_finishes_behind_a_client_that_has_ended_its_side(self):
        client = self.client(self.worker())
        client.send(request("/?ms=100") + request("/"))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(200, client.response()[0])
        self.assertEqual(200, client.response()[0])
        client.await_end()

    def test_forgets_the_request_of_a_client_that_has_gone(self):
        worker = self.worker()
        gone = self.client(worker, request("/?ms=300"))
        gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        gone.socket.close()
        client = self.client(worker, request("/"))
        self.assertEqual(200, client.response()[0])
        worker.send(RETIRE)
        self.assertEqual(0, worker.exit_status())

    def test_answers_old_clients(self):
        worker = self.worker()
        client = self.client(worker, b"GET /?bytes=10 HTTP/1.0\r\n\r\n")
        self.assertEqual((200, b"x" * 10), client.response())
        client = self.client(worker, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        self.assertEqual(200, client.response()[0])
        client.send(request("/"))
        self.assertEqual(200, client.response()[0])

    def test_dumps_where_a_handler_is(self):
        worker = self.worker()
        client = self.client(worker, request("/?ms=500"))
        worker.await_state(client.slot, 3)
        worker.send(DUMP)
        worker.expect(DUMPED)
        self.assertIn(b"in plain", worker.output())
        self.assertEqual(200, client.response()[0])

    def test_answers_a_request_that_is_too_large_to_be_given_back(self):
        worker = self.worker()
        client = self.client(worker)
        body = b"x" * 300000
        sent = request("/", method="POST", body=body)
        client.send(sent[:200000])
        worker.until(lambda: client.unread() == 0, lambda: "it is not read")
        worker.send(OFF)
        client.send(sent[200000:])
        self.assertTrue(client.response()[1].startswith(b"300000 "))
        client.given_back(REQUESTED, b"")

    def test_gives_no_request_back_whose_handler_is_called_at_that_moment(self):
        worker = self.worker("late_application")
        before = self.client(worker, request("/?ms=300"))
        worker.await_state(before.slot, 3)
        client = self.client(worker, request("/", method="POST", body=b"abc"))
        worker.barrier()
        worker.send(OFF)
        self.assertEqual(200, before.response()[0])
        self.assertTrue(client.response()[1].startswith(b"3 "))
        client.given_back(REQUESTED, b"")

    def test_does_not_start_without_its_application(self):
        from handoff_check.monitor import CannotStart

        self.assertRaisesRegex(CannotStart, "(?s)status 1 .*No module named 'no_such_module'", wsgi, "no_such_module")
        self.assertRaisesRegex(CannotStart, "(?s)status 1 .*http.body.timeout = 0 is not valid", wsgi, PLAIN, "--http.body.timeout", "0")


class ConnectionsTest(unittest.TestCase):
    def test_serves_lines(self):
        worker = start("-m", "lines")
        self.addCleanup(worker.close)
        client = worker.connect()
        client.hand_off(b"one\ntw")
        frame = client.given_back(DISPATCH, b"tw")
        self.assertEqual(b"%d one\n" % worker.process.pid, client.socket.recv(100))
        client.hand_off_again(frame)
        client.send(b"o\n")
        client.given_back(DISPATCH, b"")
        worker.send(RETIRE)
        self.assertEqual(0, worker.exit_status())

    def test_answers_ping_while_the_program_waits(self):
        worker = start("-m", "lines")
        self.addCleanup(worker.close)
        client = worker.connect()
        client.hand_off()
        worker.barrier()
        worker.barrier()
        client.send(b"x\n")
        client.given_back(DISPATCH, b"")
        worker.leave()
        self.assertEqual(0, worker.exit_status())


if __name__ == "__main__":
    unittest.main()
