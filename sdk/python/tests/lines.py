"""A program on the connections themselves: answers lines of any protocol, and gives connections back between them."""

import os
import select
import signal
import sys

from handoff import protocol
from handoff.connections import Connections


def main():
    connections = Connections()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: connections.send(protocol.LEAVING))
    connections.ready()
    while True:
        connection = connections.take()
        if connection is None:
            break
        serve(connection)
    return 0 if connections.over() else 1


def serve(connection):
    data = connection.received
    while b"\n" not in data:
        select.select([connection.socket], [], [])
        more = connection.receive(1000)
        if more == b"":
            connection.close()
            return
        data += more or b""
    line, _, rest = data.partition(b"\n")
    connection.state(protocol.STATE_HANDLING)
    connection.socket.sendall(b"%d %s\n" % (os.getpid(), line))
    connection.state(protocol.STATE_IDLE)
    connection.give_back(protocol.DISPATCH, rest)


sys.exit(main())
