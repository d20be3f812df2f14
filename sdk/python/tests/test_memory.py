"""What all clients of a worker together may fill: http.memory."""

import array
import fcntl
import hashlib
import os
import re
import termios
import unittest

from tests.started import request, wsgi

LONG = b"GET %s HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 30000
END = b"\r\n\r\n"


class MemoryTest(unittest.TestCase):
    def start(self, memory):
        self.worker = wsgi("applications:plain", http_memory=memory)
        self.addCleanup(self.worker.close)
        self.ask(self.client(request("/")))
        self.before = self.memory()

    def memory(self):
        """What the worker's process has for itself, without the scoreboard, in bytes."""
        with open("/proc/%d/status" % self.worker.process.pid) as status:
            return int(re.search(r"RssAnon:\s+(\d+) kB", status.read())[1]) * 1024

    def check_memory(self, most):
        self.assertLess(self.memory() - self.before, most)

    def client(self, data, window=None):
        """A client of which the worker has read this."""
        client = self.worker.connect(window)
        client.hand_off()
        client.send(data)
        self.worker.until(lambda: not unacknowledged(client) and not client.unread(), lambda: "it is not read")
        self.worker.barrier()
        return client

    def ask(self, client, status=200):
        answer = client.response()
        self.assertEqual(status, answer[0])
        return answer[1]

    def test_keeps_small_bodies_in_files_where_their_memory_is_full(self):
        self.start("2m")
        body = os.urandom(60000)
        said = b"60000 %s " % hashlib.sha256(body).hexdigest().encode()
        whole = request("/", method="POST", body=body)
        chunked = request("/", "Transfer-Encoding: chunked", method="POST") + b"ea60\r\n" + body + b"\r\n0\r\n\r\n"
        slow = [(self.client(wire[:-1000]), wire[-1000:]) for wire in (whole, chunked) for _ in range(100)]
        self.check_memory(6 << 20)
        self.ask(self.client(request("/")))
        for client, rest in slow:
            client.send(rest)
            self.assertTrue(self.ask(client).startswith(said))
            client.send(request("/"))
            self.ask(client)

    def test_keeps_no_body_in_memory_where_none_may_be(self):
        self.worker = wsgi("applications:plain", "--http.body.memory", "0")
        self.addCleanup(self.worker.close)
        wire = request("/", method="POST", body=b"abc")
        client = self.client(wire[:-1])
        deleted = [target for _, target in self.worker.descriptors() if target.endswith(" (deleted)")]
        self.assertEqual(1, sum("output" not in target and "scoreboard" not in target for target in deleted), deleted)
        client.send(wire[-1:])
        self.assertTrue(self.ask(client).startswith(b"3 "))

    def test_keeps_responses_in_files_where_their_memory_is_full(self):
        self.start("2m")
        slow = [self.client(request("/?bytes=200000"), 4096) for _ in range(150)]
        self.ask(self.client(request("/")))
        self.check_memory(6 << 20)
        for client in slow:
            self.assertEqual(b"x" * 200000, self.ask(client))

    def test_ends_the_oldest_requests_where_the_memory_for_heads_is_full(self):
        self.start("1m")
        clients = [self.client(LONG % b"/") for _ in range(200)]
        self.check_memory(4 << 20)
        self.ask(self.client(request("/")))
        for client in clients[:150]:
            self.ask(client, 503)
            client.socket.shutdown(1)
            client.await_end()
        for client in clients[-10:]:
            client.send(END)
            self.ask(client)
        self.worker.until(lambda: b"requests were answered 503" in self.worker.output(), lambda: "nothing is said")

    def test_counts_what_a_head_takes_when_it_is_decoded(self):
        self.start("8m")
        tiny = request("/", "Content-Length: 3", *["%02d:x" % (i % 100) for i in range(6000)], method="POST")
        clients = [self.client(tiny) for _ in range(40)]
        self.check_memory(10 << 20)
        self.ask(clients[0], 503)
        clients[-1].send(b"abc")
        self.ask(clients[-1])

    def test_ends_requests_that_wait_for_a_handler_and_forgets_what_comes_behind_the_one_that_runs(self):
        self.start("1m")
        pipe = os.path.join(self.worker.directory, "pipe")
        os.mkfifo(pipe)
        busy = self.client(LONG % (b"/?pipe=%s" % pipe.encode()) + END + LONG % b"/")
        self.worker.await_state(busy.slot, 3)
        clients = [self.client(LONG % b"/" + END) for _ in range(20)]
        self.ask(clients[0], 503)
        os.close(os.open(pipe, os.O_WRONLY))
        self.assertTrue(self.ask(busy).startswith(b"0 "))
        self.worker.until(busy.has_ended, lambda: "the connection goes on, though bytes of its next request are lost")
        self.ask(clients[-1])

    def test_forgets_a_request_when_its_handler_has_returned(self):
        self.start("1m")
        slow = []
        for _ in range(40):
            slow.append(self.client(LONG % b"/?bytes=200000" + END, 4096))
            # More requests that wait for their handler would be ended for want of memory.
            self.worker.await_state(slow[-1].slot, 4)
        for client in slow:
            self.assertEqual(200000, len(self.ask(client)))

    def test_takes_back_at_once_what_clients_fill_that_are_too_slow(self):
        self.worker = wsgi("applications:plain", "--http.body.timeout", "1", http_memory="1m")
        self.addCleanup(self.worker.close)
        fields = ["%02d:x" % i for i in range(100)]
        slow = [self.client(request("/", "Content-Length: 3", *fields, method="POST")) for _ in range(19)]
        for client in slow:
            self.ask(client, 408)
        self.ask(self.client(request("/", *fields)))

    def test_says_which_sizes_it_does_not_know(self):
        for told, known in (("25%", False), ("1q", False), ("2048K", True), ("1048576", True)):
            with self.subTest(told):
                self.start(told)
                self.assertEqual(not known, b"http.memory = %s is no size" % told.encode() in self.worker.output())


def unacknowledged(client):
    """How many bytes the worker's system has not acknowledged."""
    count = array.array("i", [0])
    fcntl.ioctl(client.socket.fileno(), termios.TIOCOUTQ, count)
    return count[0]


if __name__ == "__main__":
    unittest.main()
