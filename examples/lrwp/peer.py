#!/usr/bin/env python3
"""An LRWP peer with nothing but Python's standard library.

    peer.py HOST PORT NAME [VHOST] [PASSWORD]

(a pool tells the first three by HANDOFF_LRWP_HOST, HANDOFF_LRWP_PORT and HANDOFF_LRWP_NAME)
registers NAME and answers what it is asked: the environment and the body of a request, or what the query wants:
bytes=N for a body of that size, status=N, cookies=N, redirect=PATH, pid; sleep=N waits so many milliseconds.
With a password it speaks LRWP 2.0, else 1.0. Where the variable LRWP_LOG is set, it prints each request it begins.
"""
import os
import socket
import sys
import time
from urllib.parse import parse_qsl

SEPARATOR = b"\xff"
PIECE = b"0123456789abcdef" * 4096


def read_exactly(connection, count):
    """Reads so many bytes, or ends the program where the agent has gone."""
    parts = []
    while count > 0:
        part = connection.recv(min(count, 65536))
        if not part:
            sys.exit("the agent has closed the connection")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_sized(connection):
    return read_exactly(connection, int(read_exactly(connection, 9)))


def register(connection, name, vhost, password):
    if not password:
        connection.sendall(SEPARATOR.join([name.encode(), vhost.encode(), b""]))
        # No more than that: a request may follow at once.
        reply = read_exactly(connection, 2)
        if reply != b"OK":
            sys.exit((reply + connection.recv(256)).decode("latin-1"))
        return
    connection.sendall(SEPARATOR + SEPARATOR.join([b"2.0", name.encode(), vhost.encode(), b""]))
    reply = read_word(connection)
    if reply == b"CHALLENGE":
        challenge = read_sized(connection)
        key = password.encode()
        answer = bytes(byte ^ key[i % len(key)] for i, byte in enumerate(challenge))
        connection.sendall(b"%09d" % len(answer) + answer)
        reply = read_word(connection)
    if reply != b"OK":
        sys.exit("%s: %s" % (reply.decode("latin-1"), read_word(connection).decode("latin-1")))


def read_word(connection):
    word = b""
    while not word.endswith(SEPARATOR):
        word += read_exactly(connection, 1)
    return word[:-1]


def environment(block):
    pairs = (pair.split(b"=", 1) for pair in block.split(b"\0") if b"=" in pair)
    return {name.decode("latin-1"): value for name, value in pairs}


def answer(variables, block, body):
    """Returns the header of the response, the length of its document, and the document; None for so many bytes."""
    if "LRWP_LOG" in os.environ:
        print(variables["REQUEST_METHOD"].decode(), variables["REQUEST_URI"].decode("latin-1"), flush=True)
    query = dict(parse_qsl(variables["QUERY_STRING"].decode("latin-1"), keep_blank_values=True))
    time.sleep(int(query.get("sleep", 0)) / 1000)
    head = b"Content-type: text/plain\r\n"
    if "status" in query:
        head += b"Status: %d As wanted\r\n" % int(query["status"])
    for i in range(int(query.get("cookies", 0))):
        head += b"Set-Cookie: number%d=%d\r\n" % (i, i)
    if "redirect" in query:
        head = b"Location: " + query["redirect"].encode("latin-1") + b"\r\n"
    if "bytes" in query:
        return head, int(query["bytes"]), None
    if "pid" in query:
        document = b"%d" % os.getpid()
    elif variables["REQUEST_METHOD"] == b"POST":
        document = body
    else:
        document = block.replace(b"\0", b"\n")
    return head, len(document), document


def serve(connection):
    block = read_sized(connection)
    body = read_sized(connection)
    head, length, document = answer(environment(block), block, body)
    head += b"\r\n"
    connection.sendall(b"%09d" % (len(head) + length) + head + (document or b""))
    while document is None and length > 0:
        part = PIECE[:length]
        connection.sendall(part)
        length -= len(part)


def main():
    told = [os.environ.get("HANDOFF_LRWP_" + key) for key in ("HOST", "PORT", "NAME")]
    arguments = sys.argv[1:] or [value for value in told if value is not None]
    if len(arguments) < 3:
        sys.exit(__doc__)
    host, port, name = arguments[:3]
    vhost, password = (arguments[3:5] + ["", ""])[:2]
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        register(connection, name, vhost, password)
        print("registered", flush=True)
        while True:
            serve(connection)


main()
