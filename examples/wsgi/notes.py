"""Notes that everybody may write: a WSGI application with nothing but Python's standard library.

Its notes are in a file in the folder that it runs in, so that all workers of its pool have the same ones.

    curl -d "Buy milk" http://localhost:8080/notes
    curl http://localhost:8080/notes
"""

import fcntl
import os

FILE = "notes.txt"
LONGEST = 1000


def application(environ, start_response):
    method = environ["REQUEST_METHOD"]
    if method == "POST":
        note = environ["wsgi.input"].read(LONGEST).replace(b"\n", b" ")
        with open(FILE, "ab") as notes:
            fcntl.flock(notes, fcntl.LOCK_EX)
            notes.write(note + b"\n")
        return answer(start_response, "201 Created", b"noted by worker process %d\n" % os.getpid())
    if method in ("GET", "HEAD"):
        if not os.path.exists(FILE):
            return answer(start_response, "200 OK", b"")
        with open(FILE, "rb") as notes:
            fcntl.flock(notes, fcntl.LOCK_SH)
            return answer(start_response, "200 OK", notes.read())
    return answer(start_response, "405 Method Not Allowed", b"GET or POST\n", ("Allow", "GET, HEAD, POST"))


def answer(start_response, status, body, *fields):
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), *fields])
    return [body]
