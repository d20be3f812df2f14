"""WSGI applications: PEP 3333 as its validator has it, and Flask."""

import importlib.util
import shutil
import tempfile
import unittest
import urllib.parse

from tests.started import ROOT, request, start, wsgi


class WsgiTest(unittest.TestCase):
    def client(self, application, *options, **environment):
        worker = wsgi(application, *options, **environment)
        self.addCleanup(worker.close)
        client = worker.connect()
        client.hand_off()
        return client

    def ask(self, client, *given, **more):
        client.send(request(*given, **more))
        return client.response(head_only=more.get("method") == "HEAD")

    def raw(self, client, *given):
        """A response's head as text."""
        client.send(request(*given))
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.socket.recv(1)
        return head.decode("latin-1")

    def test_keeps_to_pep_3333(self):
        client = self.client("applications:validated")
        self.assertEqual((200, b"valid 0\n"), self.ask(client, "/x?y=z"))
        self.assertEqual((200, b"valid 3\n"), self.ask(client, "/x", "Content-Type: text/plain", method="POST", body=b"abc"))
        self.assertEqual((200, b""), self.ask(client, "/x", method="HEAD"))

    def test_tells_the_application_of_the_request(self):
        client = self.client("applications:plain", "--context", "/app", "--context", "example.org/other")
        status, body = self.ask(
            client,
            "/app/%C3%A4/environ?a=%20b",
            "X-One: 1",
            "X-One: 2",
            "Cookie: a=1",
            "Cookie: b=2",
            "X_One: 3",
            "Content-Type: text/x",
        )
        self.assertEqual(200, status)
        environ = dict(line.split("=", 1) for line in body.decode("latin-1").splitlines())
        for name, value in {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "/app",
            "PATH_INFO": "/\xc3\xa4/environ",
            "QUERY_STRING": "a=%20b",
            "SERVER_NAME": "localhost",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_X_ONE": "1, 2",
            "HTTP_COOKIE": "a=1; b=2",
            "CONTENT_TYPE": "text/x",
        }.items():
            self.assertEqual(value, environ[name], name)
        self.assertNotIn("CONTENT_LENGTH", environ)

    def test_takes_its_contexts_from_the_pool(self):
        client = self.client("applications:plain", contexts="/one example.org/two")
        self.assertEqual(200, self.ask(client, "/one/x")[0])
        client.send(request("/two"))
        client.given_back(3, request("/two"))

    def test_sends_lengths_chunks_and_fields(self):
        client = self.client("applications:headers")
        self.assertIn("\r\nContent-Length: 3\r\n", self.raw(client, "/?body=abc&X-A=1"))
        client.socket.recv(3)
        head = self.raw(client, "/?status=" + urllib.parse.quote("404 Nowhere At All") + "&Connection=keep-alive")
        self.assertTrue(head.startswith("HTTP/1.1 404 Nowhere At All\r\n"), head)
        self.assertNotIn("\r\nConnection:", head)
        self.assertNotIn("\r\nContent-Length:", self.raw(client, "/?status=" + urllib.parse.quote("304 Not Modified")))
        self.assertEqual((418, b"late\n"), self.ask(client, "/?twice=1"))
        self.assertEqual((200, b"by write behind"), self.ask(client, "/?write=1&body=behind"))
        self.assertEqual(500, self.ask(client, "/?X=" + urllib.parse.quote("a\r\nInjected: 1"))[0])
        self.assertIn("\r\nConnection: close\r\n", self.raw(client, "/?Connection=close"))
        client.await_end()

    def test_ends_what_is_shorter_than_it_says(self):
        client = self.client("applications:headers")
        client.send(request("/?Content-Length=10&body=abc"))
        client.await_end()

    def test_serves_the_example(self):
        example = ROOT / "examples" / "wsgi"
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(example / "notes.py", directory)
            # As a pool starts it, by its own file.
            settings = dict(
                line.split(" = ", 1)
                for line in (example / "org.handoff.pool-notes.cfg").read_text().splitlines()
                if not line.startswith("#")
            )
            self.assertEqual("native", settings["kind"])
            command = settings["command"].split()
            self.assertEqual(["python3", "-m"], command[:2])
            worker = start(*command[1:], directory=directory, contexts=settings["context"])
            self.addCleanup(worker.close)
            client = worker.connect()
            client.hand_off()
            self.assertEqual((200, b""), self.ask(client, "/notes"))
            self.assertEqual(201, self.ask(client, "/notes", method="POST", body=b"one\ntwo")[0])
            self.assertEqual((200, b"one two\n"), self.ask(client, "/notes"))
            self.assertEqual(405, self.ask(client, "/notes", method="PUT")[0])

    @unittest.skipUnless(importlib.util.find_spec("flask"), "Flask is not installed: python3-flask")
    def test_serves_flask(self):
        client = self.client("flask_application:app", "--context", "/flask")
        self.assertEqual(b"pid ", self.ask(client, "/flask/")[1][:4])
        boundary = "x" * 20
        body = (
            "--{0}\r\nContent-Disposition: form-data; name=name\r\n\r\nJo\r\n"
            "--{0}\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n{1}\r\n--{0}--\r\n"
        ).format(boundary, "y" * 200000)
        status, answer = self.ask(
            client, "/flask/form", "Content-Type: multipart/form-data; boundary=" + boundary, method="POST", body=body.encode()
        )
        self.assertEqual(200, status)
        self.assertIn(b'"size":200000', answer.replace(b" ", b""))
        self.assertIn(b'"url":"/flask/form"', answer.replace(b" ", b""))
        self.assertEqual("".join("line %d\n" % line for line in range(1000)).encode(), self.ask(client, "/flask/stream")[1])
        self.assertEqual(404, self.ask(client, "/flask/none")[0])
        self.assertEqual(405, self.ask(client, "/flask/form")[0])
        head = self.raw(client, "/flask/session")
        self.assertIn("\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/", head)
        self.assertIn("\r\nLocation: /flask/\r\n", head)


if __name__ == "__main__":
    unittest.main()
