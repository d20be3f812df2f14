"""WSGI applications for the tests."""

import hashlib
import os
import sys
import time
import urllib.parse
from wsgiref.validate import validator


def plain(environ, start_response):
    """Does what the query says."""
    query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"]))
    if "ms" in query:
        time.sleep(int(query["ms"]) / 1000)
    if "pipe" in query:
        # Takes until somebody opens it for writing.
        open(query["pipe"]).close()
    if "fail" in query:
        raise ValueError("as asked for")
    if "exit" in query:
        sys.exit(7)
    if "bytes" in query:
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return pieces(int(query["bytes"]), query.get("cut"))
    if environ["PATH_INFO"].endswith("/environ"):
        lines = ["%s=%s" % (name, environ[name]) for name in sorted(environ) if name.isupper() or name == "wsgi.input_terminated"]
        start_response("200 OK", [("Content-Type", "text/plain; charset=latin-1")])
        return [("\n".join(lines) + "\n").encode("latin-1")]
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d %s %d\n" % (len(body), hashlib.sha256(body).hexdigest().encode(), os.getpid())]


def pieces(count, cut):
    while count > 0:
        piece = min(count, 65536)
        yield b"x" * piece
        count -= piece
        if cut:
            raise ValueError("in the middle")


def headers(environ, start_response):
    """Answers with what the tests of heads need."""
    query = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    fields = [(name, value) for name, value in query.items() if name not in ("status", "body", "twice", "write")]
    if "twice" in query:
        start_response("200 OK", [])
        try:
            raise ValueError("noticed late")
        except ValueError:
            start_response("418 Teapot", [], sys.exc_info())
        return [b"late\n"]
    write = start_response(query.get("status", "200 OK"), fields)
    if "write" in query:
        write(b"by write ")
    return [query.get("body", "").encode()]


@validator
def validated(environ, start_response):
    """Held to PEP 3333 on both sides by wsgiref."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"valid ", b"%d\n" % len(body)]
