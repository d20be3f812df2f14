"""Workers for the tests: processes of their own, started as the monitor would."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SDK = HERE.parent
ROOT = SDK.parents[1]
sys.path[:0] = [str(SDK), str(SDK.parent / "check")]

from handoff_check.monitor import Worker  # noqa: E402

SECONDS = 20


def start(*command, directory=None, **environment):
    """A worker that runs these arguments of Python's in a directory, and has sent READY."""
    told = {"PYTHONPATH": "%s:%s" % (SDK, HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    told.update({"HANDOFF_" + name.upper(): value for name, value in environment.items()})
    worker = Worker([sys.executable, *command], SECONDS, told, working_directory=directory)
    try:
        worker.await_ready()
    except BaseException:
        worker.close()
        raise
    return worker


def wsgi(application, *options, **environment):
    return start("-m", "handoff.wsgi", *options, application, **environment)


def request(path, *fields, method="GET", body=b""):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", *fields]
    if body:
        lines.append("Content-Length: %d" % len(body))
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
