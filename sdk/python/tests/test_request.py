"""Requests over the wire, by the corpus that Java workers are held to."""

import unittest

from tests.started import ROOT

from handoff.limits import Limits
from handoff.memory import Memory
from handoff.request import Contexts, Malformed, RequestReader, host_of, path_of, valid_context

CORPUS = next(ROOT.glob("bundles/*/src/test/resources/requests"))
LIMITS = Limits(request_line=200, header=400, body=1000, body_memory=100)


def read(wire, step, contexts=(("", "/"),), keep=131072):
    """The requests in these bytes, which come by so many; and the status with which they are refused, or None."""
    reader = RequestReader(LIMITS, Contexts(contexts), keep, Memory(LIMITS.memory))
    requests = []
    try:
        for at in range(0, len(wire), step):
            reader.add(wire[at : at + step])
            while True:
                request = reader.read()
                if request is None:
                    break
                requests.append((request, request.body.read()))
                request.body.close()
                reader.next()
        return requests, None, reader
    except Malformed as e:
        return requests, e.status, reader
    finally:
        if reader.request is not None:
            reader.request.body.close()


class CorpusTest(unittest.TestCase):
    def files(self, folder):
        found = sorted((CORPUS / folder).glob("*.http"))
        self.assertGreater(len(found), 20)
        return [(file.name, file.read_bytes(), int(file.name[:3])) for file in found]

    def test_takes_valid_requests(self):
        for name, wire, _ in self.files("valid"):
            for step in (len(wire), 1):
                requests, status, _ = read(wire, step)
                self.assertIsNone(status, name)
                self.assertEqual(1, len(requests), name)
            if b"HTTP/1.0" not in wire and b"Connection: close" not in wire:
                self.assertEqual(2, len(read(2 * wire, 2 * len(wire))[0]), name)

    def test_refuses_invalid_requests(self):
        for name, wire, expected in self.files("invalid"):
            for step in (len(wire), 1):
                requests, status, reader = read(wire, step)
                self.assertEqual(([], expected), (requests, status), name)
                self.assertEqual(wire.startswith(b"HEAD "), reader.is_head)


class RequestTest(unittest.TestCase):
    def test_reads_bodies(self):
        chunked = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
        counted = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde"
        for wire in (chunked, counted, chunked + counted):
            for step in (1, 7, len(wire)):
                requests, status, _ = read(wire, step)
                self.assertIsNone(status)
                self.assertEqual({b"abcde"}, {body for _, body in requests})

    def test_keeps_all_bytes_of_a_request_that_is_not_complete(self):
        wire = b"\r\nPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nabcde"
        self.assertEqual(wire[2:], read(wire, 1)[2].unused)
        self.assertIsNone(read(wire, 10, keep=30)[2].unused)

    def test_ends_chunks_that_are_more_framing_than_content(self):
        wire = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 4000 + b"\r\na\r\n") * 30
        self.assertEqual(400, read(wire, 1000)[1])

    def test_tells_own_and_foreign_requests_apart(self):
        contexts = Contexts([("", "/app"), ("other.example", "/")])
        contexts.elsewhere([("", "/app/inner"), ("third.example", "/app")])
        for host, path, expected in (
            ("h", "/app", "/app"),
            ("h", "/app/x", "/app"),
            ("h", "/apple", None),
            ("h", "/app/inner/x", None),
            ("other.example", "/anything", "/"),
            ("third.example", "/app", None),
            ("", "/app/x", "/app"),
        ):
            self.assertEqual(expected, contexts.find(host, path), (host, path))
        contexts.elsewhere([])
        self.assertEqual("/app", contexts.find("h", "/app/inner"))
        for bad in ("app", "/a//b", "/a/../b", "/a%20b"):
            self.assertRaises(ValueError, valid_context, bad)

    def test_decodes_paths_once(self):
        for raw, expected in ((b"/a%20b", "/a b"), (b"/%C3%A4", "\xe4"), (b"/a/../b/./c/..", "/b/"), (b"/%2e%2e/x", None), (b"/%252f", "/%2f")):
            if expected is None:
                self.assertRaises(Malformed, path_of, raw)
            else:
                self.assertEqual(expected if expected[0] == "/" else "/" + expected, path_of(raw))
        self.assertEqual("h.example", host_of("H.Example.:8080"))
        self.assertEqual("[::1]", host_of("[::1]:80"))


if __name__ == "__main__":
    unittest.main()
