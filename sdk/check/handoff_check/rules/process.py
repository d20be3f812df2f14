"""The process: its start and its end."""

import time

from handoff_check.monitor import READY
from handoff_check.rules.rule import BOTH, await_exit, check, require
from handoff_check.rules.subject import ok


@check("process.ready", BOTH)
def ready(subject):
    """READY is sent once, before any other frame; its payload is empty or has lines of a number, a space and a reason."""
    worker = subject.worker
    subject.served()
    worker.barrier()
    require(not worker.has_come(READY), "READY came twice")
    for line in worker.ready.payload.decode("utf-8").splitlines():
        number, space, reason = line.partition(" ")
        require(number.isdecimal() and space and reason, "READY has the line %r" % line)


@check("process.other-version", BOTH, alone=True, protocol="2")
def other_version(subject):
    """A worker that does not speak the monitor's version says so on descriptor 2 and exits with status 2."""
    await_exit(subject.worker, 2, 3 * subject.worker.timeout)
    require(subject.worker.output().strip(), "it has written nothing")


@check("process.end-of-file", BOTH, alone=True)
def end_of_file(subject):
    """At end of file on descriptor 0 the worker closes its connections and exits with status 0."""
    client = subject.kept_if_any()
    subject.worker.leave()
    if client is not None:
        client.await_end()
    await_exit(subject.worker, 0)


@check("process.end-of-file.finishes", alone=True)
def end_of_file_finishes(subject):
    """At end of file on descriptor 0 the worker finishes the request it has before it exits with status 0."""
    client = subject.handling(1500)
    subject.worker.leave()
    ok(client.response())
    client.await_end()
    await_exit(subject.worker, 0)


@check("process.drain-timeout", drain_timeout="1")
def drain_timeout(subject):
    """A worker that has not finished within HANDOFF_DRAIN_TIMEOUT after the monitor's end exits with a status other
    than 0."""
    subject.handling(3000)
    began = time.monotonic()
    subject.worker.leave()
    status = subject.worker.exit_status(1.5 + subject.worker.timeout / 10)
    require(status != 0, "the exit status is 0, though a request was not finished")
    require(time.monotonic() - began > 0.5, "it did not wait for the request")
