"""The answers as a WSGI application, for gunicorn and uWSGI. The file is that of the variable ANSWERS_FILE."""

import os
import time
from urllib.parse import parse_qs

FILE = os.environ["ANSWERS_FILE"]
SLOW = 0.01


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/answers/file":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(os.path.getsize(FILE)))])
        return environ["wsgi.file_wrapper"](open(FILE, "rb"))
    if path == "/answers/small":
        body = b"Twenty-eight bytes of text.\n"
    elif path == "/answers/bytes":
        body = b"x" * int(parse_qs(environ["QUERY_STRING"])["bytes"][0])
    elif path == "/answers/upload":
        body = b"%d\n" % len(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    elif path == "/answers/slow":
        time.sleep(SLOW)
        body = b"slow\n"
    else:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
