"""What clients may cost: the limits of a Java worker, under the same names and with the same defaults, but for the memory
of all together, which is no share of a heap here."""

import dataclasses
import logging
import re

LOG = logging.getLogger("handoff")

# Together well below the 64 KiB that the monitor reads to route a request.
LONGEST_REQUEST_LINE = 16 * 1024
LONGEST_HEADER = 44 * 1024


@dataclasses.dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds. The times for a header, a body and a write are the patience with a client that
    sends or takes nothing: each grows by a second for every 500 bytes."""

    request_line: int = 8192
    header: int = 32768
    body: int = 1 << 30
    body_memory: int = 65536
    memory: int = 64 << 20
    header_timeout: int = 20
    body_timeout: int = 20
    idle_timeout: int = 5
    write_timeout: int = 30
    spool: int = 1 << 30

    # The names in a pool's configuration.
    KEYS = {
        "http.request.line": "request_line",
        "http.header": "header",
        "http.body": "body",
        "http.body.memory": "body_memory",
        "http.memory": "memory",
        "http.header.timeout": "header_timeout",
        "http.body.timeout": "body_timeout",
        "http.idle.timeout": "idle_timeout",
        "http.write.timeout": "write_timeout",
        "http.spool": "spool",
    }

    def __post_init__(self):
        least = {"body": 0, "body_memory": 0, "memory": 1 << 20, "spool": 4096, "request_line": 16, "header": 16}
        most = {"request_line": LONGEST_REQUEST_LINE, "header": LONGEST_HEADER}
        for key, name in self.KEYS.items():
            value = getattr(self, name)
            if value < least.get(name, 1) or value > most.get(name, value):
                raise ValueError(
                    "%s = %d is not valid: give at least %d%s"
                    % (key, value, least.get(name, 1), ", at most %d" % most[name] if name in most else "")
                )


def size(text):
    """The bytes that a value of http.memory stands for, which may have a k, m or g behind it."""
    said = re.fullmatch("([0-9]{1,12})([kmg]?)", text.lower())
    if said:
        return int(said.group(1)) << 10 * " kmg".index(said.group(2) or " ")
    LOG.warning(
        "http.memory = %s is no size, as this worker has no heap that it could be a share of: it takes %d bytes",
        text,
        Limits.memory,
    )
    return Limits.memory
