"""What the tests' handlers for Java answer, as a WSGI application."""

import os
import time
import zlib

PIECE = 100000


def application(environ, start_response):
    answer = {
        "/marks": marks,
        "/large": large,
        "/sum": sum_of_body,
        "/named": named,
        "/child": child,
    }.get(environ["PATH_INFO"], hello)
    try:
        body = answer(environ)
    except OSError as e:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [str(e).encode()]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return body


def note(folder, name):
    """Notes a request before anything else in the folder's file for this process."""
    file = os.open(os.path.join(folder, str(os.getpid())), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.write(file, name.encode() + b"\n")
    os.close(file)


def marks(environ):
    """As handlers/marks/Marks.java."""
    posted = environ["REQUEST_METHOD"] == "POST"
    folder = environ["wsgi.input"].read().decode() if posted else environ.get("HTTP_X_FOLDER", "/nowhere")
    name = environ["QUERY_STRING"]
    note(folder, name)
    if name.endswith("0"):
        time.sleep(0.003)
    return [b"%s worker process %d" % (name.encode(), os.getpid())]


def large(environ):
    """As handlers/large/Large.java."""
    folder = environ.get("HTTP_X_FOLDER", "/nowhere")
    name, _, how = environ["QUERY_STRING"].partition(",")
    note(folder, name)
    how, length = how.split(",")
    with open(os.path.join(folder, "noise"), "rb") as file:
        noise = file.read()
    place = 0
    for character in name:
        place = 31 * place + ord(character) & 0xFFFFFFFF
    place = (place & 0xFFFFF) % len(noise)
    body = ((noise[place:] + noise[:place]) * (int(length) // len(noise) + 1))[: int(length)]
    if how == "whole":
        return [body]
    return (body[at : at + PIECE] for at in range(0, len(body), PIECE))


def sum_of_body(environ):
    """The CRC-32 of the request's body, and its length."""
    crc = length = 0
    while piece := environ["wsgi.input"].read(PIECE):
        crc = zlib.crc32(piece, crc)
        length += len(piece)
    return [b"%08x %d\n" % (crc, length)]


def named(environ):
    """As handlers/named/Named.java."""
    return [
        b"%s from %s, worker process %d"
        % (environ["QUERY_STRING"].encode(), environ["SCRIPT_NAME"].encode(), os.getpid())
    ]


def child(environ):
    """As handlers/child/Child.java."""
    if environ["QUERY_STRING"] != "start":
        raise OSError("nothing to start")
    with os.popen("sleep 600 </dev/null >/dev/null 2>&1 & echo $!") as shell:
        process = int(shell.read())
    return [b"child process %d of worker process %d" % (process, os.getpid())]


def hello(environ):
    """Who answers, and how long the request's body is."""
    return [b"Hello from worker process %d, %d" % (os.getpid(), len(environ["wsgi.input"].read()))]
