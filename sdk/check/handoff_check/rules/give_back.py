"""What the worker gives back of its own accord."""

from handoff_check.monitor import FOREIGN, FOREIGN_CONTEXTS, GIVE_BACK, IDLE, Skipped
from handoff_check.rules.rule import BOTH, check, require
from handoff_check.rules.subject import ok


@check("give-back.foreign")
def foreign(subject):
    """A request for a context that FOREIGN_CONTEXTS names is given back as FOREIGN, with its bytes, behind the response to the
    one before."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=(" %s\n" % context).encode())
    client = subject.worker.connect()
    client.hand_off(subject.hello + request + subject.hello)
    ok(client.response())
    client.given_back(FOREIGN, request + subject.hello)
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.foreign.host")
def foreign_host(subject):
    """FOREIGN_CONTEXTS's line may name a host: requests for that host are foreign, and those for others are not."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=("handoff-check.example %s\n" % context).encode())
    client = subject.worker.connect()
    client.hand_off()
    client.send(request)
    client.response()
    other = request.replace(b"localhost", b"handoff-check.example")
    client.send(other)
    client.given_back(FOREIGN, other)
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.foreign.replaced")
def foreign_replaced(subject):
    """A FOREIGN_CONTEXTS stands in place of what an earlier one said."""
    context, request = subject.nested()
    subject.worker.send(FOREIGN_CONTEXTS, payload=(" %s\n" % context).encode())
    subject.worker.send(FOREIGN_CONTEXTS, payload=b" /handoff-check-other\n")
    client = subject.worker.connect()
    client.hand_off(request)
    client.response()
    subject.worker.barrier()
    require(not subject.worker.has_come(GIVE_BACK, client.id), "the former FOREIGN_CONTEXTS holds still")
    subject.worker.send(FOREIGN_CONTEXTS)


@check("give-back.idle", BOTH)
def idle(subject):
    """An idle connection is given back as IDLE, after some seconds; a worker may hold it as long as it likes."""
    client = subject.kept()
    if subject.worker.find(GIVE_BACK, client.id, 8) is None:
        raise Skipped("this worker holds an idle connection longer than 8 s, and may")
    subject.worker.story.append("  (looked at again, with what every GIVE_BACK has to be)")
    client = subject.kept()
    client.given_back(IDLE, b"", 10)
