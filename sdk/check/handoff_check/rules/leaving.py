"""The end that a worker announces: HANDOFF_MAX_REQUESTS and SIGTERM."""

import os
import signal

from handoff_check.monitor import LEAVING, QUOTA_REACHED, REQUESTED, RETIRE
from handoff_check.rules.rule import BOTH, await_exit, check, require
from handoff_check.rules.subject import ok


@check("spent", max_requests="3")
def spent(subject):
    """When HANDOFF_MAX_REQUESTS requests were begun, the worker sends QUOTA_REACHED, begins no further one, and gives every
    connection back; at RETIRE it exits with status 0."""
    client = subject.worker.connect()
    client.hand_off(subject.hello * 5)
    for _ in range(3):
        ok(client.response())
    subject.worker.expect(QUOTA_REACHED)
    client.given_back(None, subject.hello * 2)
    require(client.nothing_more(), "more than 3 requests were answered")
    other = subject.worker.connect()
    other.hand_off(subject.hello)
    other.given_back(None, subject.hello)
    subject.worker.send(RETIRE)
    await_exit(subject.worker, 0)
    require(not subject.worker.has_come(QUOTA_REACHED), "QUOTA_REACHED came twice")


@check("leaving", BOTH, alone=True)
def leaving(subject):
    """At SIGTERM the worker sends LEAVING and goes on; at RETIRE it exits with status 0."""
    kept = subject.served()
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    kept.send(subject.hello)
    subject.answered(kept)
    subject.served()
    subject.worker.send(RETIRE)
    subject.comes_back(kept, REQUESTED)
    await_exit(subject.worker, 0)


@check("leaving.not-replaced", BOTH, drain_timeout="2")
def leaving_not_replaced(subject):
    """A worker that got SIGTERM, and no RETIRE within half of HANDOFF_DRAIN_TIMEOUT, sends QUOTA_REACHED, gives back what can
    go, and exits with status 0."""
    client = subject.served()
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.expect(QUOTA_REACHED, 0, 1 + subject.worker.timeout)
    subject.comes_back(client)
    await_exit(subject.worker, 0)


@check("leaving.response", drain_timeout="4")
def leaving_response(subject):
    """A worker that leaves by SIGTERM finishes the request whose handler runs."""
    client = subject.handling(2500)
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.expect(QUOTA_REACHED, 0, 2 + subject.worker.timeout)
    ok(client.response())
    client.given_back(None, b"")
    await_exit(subject.worker, 0)


@check("leaving.in-time", drain_timeout="1")
def leaving_in_time(subject):
    """A worker that got SIGTERM ends within HANDOFF_DRAIN_TIMEOUT in any case."""
    subject.handling(4000)
    send_term(subject.worker)
    subject.worker.expect(LEAVING)
    subject.worker.exit_status(1.5 + subject.worker.timeout / 10)


def send_term(worker):
    worker.tell("sends SIGTERM")
    os.kill(worker.processes()[-1], signal.SIGTERM)
