"""Requests of HTTP/1.1, read as strictly as a Java worker reads them.

The strict side is taken wherever lenient parsers differ, because every such difference between two parsers on a
request's way is a hole.
"""

import re
import tempfile

MAX_EMPTY_LINES = 8
# What chunks may cost beyond their content, so that endless tiny ones with long extensions end.
FRAMING_ALLOWANCE = 64 * 1024
FRAMING_PER_BYTE = 16
LONGEST_CHUNK_LINE = 8192
LARGEST_CHUNK = (1 << 31) - 1
# What a field of a decoded header takes beside its bytes.
FIELD_MEMORY = 256

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(%s) ([^ ]+) HTTP/([0-9])\.([0-9])" % TOKEN.encode())
METHOD = re.compile(TOKEN.encode())
FIELD = re.compile(rb"(%s):[ \t]*(.*?)[ \t]*" % TOKEN.encode(), re.DOTALL)
FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?=[^\n])")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?", re.DOTALL)

HOST_NAME = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
HOST_LITERAL = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]")
PORT = re.compile(r":([0-9]{0,5})")
ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
FORBIDDEN_IN_TARGET = re.compile(rb"[\x00-\x20\x7f#]")


class Malformed(Exception):
    """A request that must not be served. Its connection ends behind the answer."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Request:
    """A request whose head is complete; body is an open file, at its beginning, once all of it is there.

    target is as sent; host, path (decoded) and query are what it asks for. fields are pairs of names and values, in
    lower case and as sent. context is the one that the path belongs to.
    """

    def __init__(self, method, target, minor, fields):
        self.method = method
        self.target = target
        self.newer_than_10 = minor > 0
        self.fields = fields
        self.context = None
        self.body = None
        self.length = 0
        self.chunked = False
        self.expects_continue = False
        self.authority = None
        self._check_transfer_coding()
        hosts = self.all("host")
        if len(hosts) > 1 or not hosts and self.newer_than_10:
            raise Malformed(400, "A request has one Host field")
        if self.all("sec-websocket-key1"):
            raise Malformed(400, "The WebSocket draft is obsolete")
        self.host, self.path, self.query = self._target(hosts[0] if hosts else None)
        self._check_length()
        expect = self.all("expect")
        if expect and self.newer_than_10:
            if expect[0].lower() != "100-continue":
                raise Malformed(417, "The expectation is not known")
            self.expects_continue = True
        self.keep_alive = self._keep_alive()

    def all(self, name):
        """The values of a field, by its name in lower case."""
        return [value for key, value in self.fields if key == name]

    def _check_transfer_coding(self):
        codings = [one.strip() for value in self.all("transfer-encoding") for one in value.split(",")]
        for coding in codings:
            if coding and coding.lower() != "chunked":
                raise Malformed(501, "The transfer coding is not implemented")
        if codings and (len(codings) > 1 or not codings[0] or not self.newer_than_10):
            raise Malformed(400, "The transfer coding is given wrongly")
        self.chunked = bool(codings)

    def _check_length(self):
        lengths = self.all("content-length")
        if not lengths:
            return
        if self.chunked or len(lengths) > 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]):
            raise Malformed(400, "The length is not a number, or given in two ways")
        self.length = int(lengths[0])

    def _keep_alive(self):
        said = [one.strip().lower() for value in self.all("connection") for one in value.split(",")]
        return "close" not in said if self.newer_than_10 else "keep-alive" in said and "close" not in said

    def _target(self, host_field):
        if self.method == "CONNECT":
            raise Malformed(501, "CONNECT is not implemented")
        host = "" if host_field is None else host_of(host_field)
        target = self.target
        if target.startswith("/"):
            return (host, *path_and_query(target))
        if target == "*":
            if self.method != "OPTIONS":
                raise Malformed(400, "The target * is for OPTIONS only")
            return host, "/", ""
        scheme, mark, rest = target.partition("://")
        if not scheme or not mark:
            raise Malformed(400, "The request target is neither a path nor a URI")
        if scheme.lower() not in ("http", "https"):
            raise Malformed(501, "Only http and https URIs are served")
        self.authority = re.match("[^/?]*", rest).group()
        host = host_of(self.authority)
        if not host:
            raise Malformed(400, "The request target has no host")
        rest = rest[len(self.authority) :]
        return (host, *path_and_query(rest if rest.startswith("/") else "/" + rest))


def host_of(authority):
    """The host of host[:port], in lower case, without the dot at the end of an absolute domain name."""
    literal = authority.startswith("[")
    host = authority[: authority.find("]") + 1] if literal else authority.partition(":")[0]
    port = authority[len(host) :]
    said = PORT.fullmatch(port) if port else None
    if (
        port and (not said or int(said.group(1) or 0) > 65535)
        or len(host) > 255
        or not host and authority
        or not (HOST_LITERAL if literal else HOST_NAME).fullmatch(host)
        or literal and not 2 <= host.count(":") <= 8
    ):
        raise Malformed(400, "The host is malformed")
    return (host[:-1] if len(host) > 1 and host.endswith(".") else host).lower()


def path_and_query(target):
    raw, _, query = target.partition("?")
    return path_of(raw.encode("latin-1")), query


def path_of(raw):
    """The path, percent-decoded once, as UTF-8, and free of dot segments."""
    if raw.count(b"%") != len(ESCAPE.findall(raw)):
        raise Malformed(400, "The path holds a percent sign that is not an escape")
    for code in ESCAPE.findall(raw):
        value = int(code, 16)
        if value < 32 or value == 127:
            raise Malformed(400, "The path holds a control character")
        if value == 0x2F:
            raise Malformed(400, "The path holds an encoded slash")
    try:
        path = ESCAPE.sub(lambda escape: bytes((int(escape.group(1), 16),)), raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(400, "The path is not UTF-8") from None
    return without_dot_segments(path) if "/." in path else path


def without_dot_segments(path):
    kept = []
    segments = path[1:].split("/")
    for segment in segments:
        if segment == "..":
            if not kept:
                raise Malformed(400, "The path leaves the root")
            kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def valid_context(context):
    """Checks a context, and takes a slash at its end away."""
    if context == "/":
        return context
    trimmed = context[:-1] if context.endswith("/") else context
    if (
        not trimmed.startswith("/")
        or any(segment in ("", ".", "..") for segment in trimmed[1:].split("/"))
        or re.search(r"[\x00-\x1f\x7f-\x9f?#%]", trimmed)
    ):
        raise ValueError(
            "The context %r is not valid: write an absolute path, decoded, without empty and dot segments" % context
        )
    return trimmed


class Contexts:
    """Says which of this worker's contexts a request belongs to: the longest, on whole segments; those for its host
    before those for any."""

    def __init__(self, own):
        """own are pairs of a host, maybe empty, and a context."""
        self._own = {(host.lower(), valid_context(context)): valid_context(context) for host, context in own}
        self._all = self._own

    def elsewhere(self, others):
        """Takes the contexts of other targets, in place of those before."""
        self._all = {**self._own, **{(host.lower(), context): None for host, context in others}}

    def find(self, host, path):
        """The context; None where it is not one of this worker's."""
        for one in (host, "") if host else ("",):
            end = len(path)
            while end > 0:
                if (one, path[:end]) in self._all:
                    return self._all[one, path[:end]]
                end = path.rfind("/", 0, end)
            if (one, "/") in self._all:
                return self._all[one, "/"]
        return None


class HeadScanner:
    """Finds the end of a head, looking at each byte once, however slowly they come."""

    def __init__(self, limits):
        self._limits = limits
        self._line = 0
        self._scanned = 0
        self._fields_length = 0
        self.in_request_line = True

    def scan(self, data):
        """Looks on. Returns how long the head is, or 0 where it is not complete; raises Malformed as soon as it can be
        known."""
        while True:
            end = data.find(b"\n", self._scanned)
            self._check(data, len(data) if end < 0 else end + 1)
            if end < 0:
                # A return at the end is looked at again, with what follows it.
                self._scanned = max(self._scanned, len(data) - 1)
                return 0
            if end == self._line or data[end - 1] != 13:
                raise Malformed(400, "A line ends without a return")
            length = end - 1 - self._line
            if self.in_request_line:
                if not REQUEST_LINE.fullmatch(data, self._line, end - 1):
                    raise Malformed(400, "The request line is malformed")
                self.in_request_line = False
            else:
                if length == 0:
                    return end + 1
                self._fields_length += length
            self._line = self._scanned = end + 1

    def _check(self, data, end):
        length = end - self._line
        while length > 0 and data[self._line + length - 1] in b"\r\n":
            length -= 1
        if self.in_request_line and length > self._limits.request_line:
            raise Malformed(414, "The request line is too long")
        if not self.in_request_line and self._fields_length + length > self._limits.header:
            raise Malformed(431, "The header is too long")
        if FORBIDDEN.search(data, self._scanned, end) or self.in_request_line and b"\t" in data[self._scanned : end]:
            raise Malformed(400, "The head holds a control character")
        if self.in_request_line:
            method = bytes(data[self._line : end]).split(b" ", 1)[0].rstrip(b"\r\n")
            if length > 0 and not METHOD.fullmatch(method):
                raise Malformed(400, "The method is not a token")
        elif length > 0 and data[self._line] in b" \t":
            raise Malformed(400, "A line is folded")


def parse_head(head):
    """Reads a complete head, which was scanned."""
    lines = head[:-4].split(b"\r\n")
    line = REQUEST_LINE.fullmatch(lines[0])
    if FORBIDDEN_IN_TARGET.search(line.group(2)):
        raise Malformed(400, "The request target holds a character that is not allowed")
    if line.group(3) != b"1":
        raise Malformed(505, "Only HTTP/1 is spoken")
    return Request(
        line.group(1).decode("ascii"), line.group(2).decode("latin-1"), int(line.group(4)), fields_of(lines[1:])
    )


def fields_of(lines):
    fields = []
    for line in lines:
        field = FIELD.fullmatch(line)
        if not field:
            raise Malformed(400, "A line of the header is no field")
        fields.append((field.group(1).decode("ascii").lower(), field.group(2).decode("latin-1")))
    return fields


class RequestReader:
    """Reads one request after the other from a connection's bytes.

    unused are all bytes from the first one of the request that is being read; None where those were too many to be
    kept, or memory has no room for them, so that this request has to be answered here.
    """

    def __init__(self, limits, contexts, most_kept, memory):
        self._limits = limits
        self._contexts = contexts
        self._most_kept = most_kept
        self._memory = memory
        self._data = bytearray()
        self._begin()

    def _begin(self):
        self._scanner = HeadScanner(self._limits)
        self._empty_lines = 0
        # What of the data was taken of the request; it is cut off where the request is not kept.
        self._at = 0
        self._kept = True
        self._framing = 0
        self._chunk_left = -1
        self._trailer = None
        self._body_length = 0
        self._left = 0
        self._head_length = 0
        self._head_memory = 0
        # Of the memory for what can go to a file: the body, and the bytes that it was read from.
        self._body_taken = 0
        self._kept_taken = 0
        self.request = None
        self.is_foreign = False
        self.is_head = False

    @property
    def unused(self):
        return bytes(self._data) if self._kept else None

    def has_bytes(self):
        """Whether anything of a next request is there, but empty lines."""
        return bool(self._data) or not self._kept

    def body_length(self):
        return self._body_length

    def ahead(self):
        """How many bytes are there beyond the complete request."""
        return len(self._data) - self._at

    def in_memory(self):
        """What is there that can be in no file, in bytes."""
        return len(self._data) - self._kept_taken + self._head_memory

    def add(self, data):
        self._data += data

    def read(self):
        """Reads on with what was added. Returns the request if it is complete, else None. is_foreign says that it is
        another target's; raises Malformed where it must not be served."""
        if self.request is None and not self._read_head():
            return None
        complete = self._read_chunks() if self.request.chunked else self._read_length()
        self._keep()
        if not complete:
            return None
        self.request.length = self._body_length
        self.request.body.seek(0)
        return self.request

    def next(self):
        """Goes on behind the complete request. What it was made of is forgotten."""
        self.drop()
        self._begin()

    def drop(self):
        """Forgets the present request, and its bytes."""
        if self.request is not None:
            self.request.body.close()
        self.request = None
        self._head_memory = 0
        self._memory.give(self._body_taken)
        self._body_taken = 0
        self._forget_kept()

    def drop_ahead(self):
        """Forgets what is there beyond the complete request."""
        del self._data[self._at :]

    def _keep(self):
        more = self._at - self._head_length - self._kept_taken
        if self._kept and len(self._data) <= self._most_kept and (more == 0 or self._memory.take(more)):
            self._kept_taken += more
        else:
            self._forget_kept()

    def _forget_kept(self):
        self._kept = False
        self._memory.give(self._kept_taken)
        self._kept_taken = 0
        del self._data[: self._at]
        self._at = 0

    def _read_head(self):
        data = self._data
        while data.startswith(b"\r\n"):
            self._empty_lines += 1
            if self._empty_lines > MAX_EMPTY_LINES:
                raise Malformed(400, "Empty lines are not requests")
            del data[:2]
        if not data or data == b"\r":
            return False
        try:
            length = self._scanner.scan(data)
        finally:
            self.is_head = data.startswith(b"HEAD ")
        if length == 0:
            return False
        request = parse_head(bytes(data[:length]))
        request.context = self._contexts.find(request.host, request.path)
        if request.context is None:
            self.is_foreign = True
            return False
        if request.length > self._limits.body:
            raise Malformed(413, "The body is too large")
        self.request = request
        self._at = self._head_length = length
        self._head_memory = 4 * len(request.target) + FIELD_MEMORY * len(request.fields)
        self._left = request.length
        request.body = tempfile.SpooledTemporaryFile()
        return True

    def _read_length(self):
        self._take_body(self._left)
        self._left = self.request.length - self._body_length
        return self._left == 0

    def _take_body(self, most):
        piece = self._data[self._at : self._at + most]
        self._keep_body(len(piece))
        self.request.body.write(piece)
        self._at += len(piece)
        self._body_length += len(piece)
        return len(piece)

    def _keep_body(self, more):
        """Has the body go on in a file where its next bytes have no room in memory."""
        if self._body_taken < self._body_length:
            return
        if self._body_length + more <= self._limits.body_memory and self._memory.take(more):
            self._body_taken += more
            return
        self.request.body.rollover()
        self._memory.give(self._body_taken)
        self._body_taken = 0

    def _line_of_framing(self, most):
        end = self._data.find(b"\n", self._at, self._at + most + 2)
        if end < 0:
            line = self._data[self._at :]
            if len(line) > most + 1 or FORBIDDEN.search(line):
                raise Malformed(400, "A line of the body's framing is malformed or too long")
            return None
        line = bytes(self._data[self._at : end + 1])
        if not line.endswith(b"\r\n") or FORBIDDEN.search(line):
            raise Malformed(400, "A line of the body's framing is malformed")
        self._at = end + 1
        self._framing += len(line)
        if self._framing > FRAMING_ALLOWANCE + FRAMING_PER_BYTE * self._body_length:
            raise Malformed(400, "The chunks are more framing than content")
        return line[:-2]

    def _read_chunks(self):
        while self._trailer is None:
            if self._chunk_left > 0:
                self._chunk_left -= self._take_body(self._chunk_left)
                if self._chunk_left > 0:
                    return False
            if self._chunk_left == 0:
                if len(self._data) - self._at < 2:
                    if self._data[self._at :] not in (b"", b"\r"):
                        raise Malformed(400, "A chunk does not end where it should")
                    return False
                if self._line_of_framing(0) != b"":
                    raise Malformed(400, "A chunk does not end where it should")
                self._chunk_left = -1
            if not self._read_chunk_size():
                return False
        return self._read_trailer()

    def _read_chunk_size(self):
        line = self._line_of_framing(LONGEST_CHUNK_LINE)
        if line is None:
            return False
        size = CHUNK_SIZE.fullmatch(line)
        self._chunk_left = int(size.group(1), 16) if size else LARGEST_CHUNK + 1
        if self._chunk_left > LARGEST_CHUNK:
            raise Malformed(400, "The size of a chunk is malformed or too large")
        if self._body_length + self._chunk_left > self._limits.body:
            raise Malformed(413, "The body is too large")
        if self._chunk_left == 0:
            self._trailer = 0
        return True

    def _read_trailer(self):
        while True:
            line = self._line_of_framing(self._limits.header)
            if line is None:
                return False
            if line == b"":
                return True
            self._trailer += len(line)
            if self._trailer > self._limits.header:
                raise Malformed(431, "The trailer is too long")
            fields_of([line])
