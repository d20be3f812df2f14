"""The bytes of docs/worker-protocol.md: frames, and where things stand in the scoreboard."""

import struct

VERSION = 1

# From the monitor.
CONNECTION, OFF, ON, RETIRE, FOREIGN_CONTEXTS, PING, DUMP, SPILLED, NO_SPILL, YIELD = range(1, 11)
# From the worker.
READY, GIVE_BACK, PONG, DUMPED, FREE, SLOW, QUICK, QUOTA_REACHED, SPILL, TAIL, LEAVING = range(65, 76)

# Why a connection is given back.
REQUESTED, IDLE, FOREIGN, NOT_TAKEN, DISPATCH, FAILED = range(1, 7)

# The states of a connection.
STATE_UNTAKEN, STATE_IDLE, STATE_READING, STATE_HANDLING, STATE_ANSWERING = range(5)

# The statuses that a worker exits with.
DONE, BROKEN, OTHER_VERSION, PROTOCOL_ERROR = range(4)

BEHIND_FILE = 1
UNKNOWN = (1 << 64) - 1
MAX_PAYLOAD = 128 * 1024
HEADER = struct.Struct("!BBHIQQ")
MAX_PACKET = HEADER.size + MAX_PAYLOAD

SCOREBOARD_BYTES = 256 * 1024 * 1024
SLOTS = 8191
RECORD = 32 * 1024
MAGIC = 0x48534231
REQUESTS_AT, CONNECTION_AT, SINCE_AT = 16, 24, 32


class ProtocolError(Exception):
    """The other side did what docs/worker-protocol.md does not allow."""
