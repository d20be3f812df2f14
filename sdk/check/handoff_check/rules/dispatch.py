"""HANDOFF_DISPATCH and YIELD."""

from handoff_check.monitor import (
    ANSWERING,
    DISPATCH,
    FREE,
    GIVE_BACK,
    HANDLING,
    OFF,
    QUICK,
    REQUESTED,
    SLOW,
    STATE_IDLE,
    YIELD,
    Failed,
    Skipped,
)
from handoff_check.rules.rule import BOTH, check, require
from handoff_check.rules.subject import ok


@check("dispatch.connection", dispatch="connection")
def dispatch_connection(subject):
    """With the dispatch connection the worker keeps connections, and sends neither FREE, SLOW nor QUICK."""
    client = subject.served()
    for _ in range(20):
        client.send(subject.hello)
        ok(client.response())
    subject.worker.barrier()
    for kind in (FREE, SLOW, QUICK):
        require(not subject.worker.has_come(kind), "a frame of type %d came" % kind)
    require(not subject.worker.has_come(GIVE_BACK, client.id), "the connection was given back")


@check("dispatch.request", dispatch="request")
def dispatch_request(subject):
    """With the dispatch request the worker gives each connection back behind its response, as DISPATCH, and sends FREE
    for each CONNECTION."""
    for _ in range(3):
        client = subject.worker.connect()
        client.hand_off(subject.hello + subject.hello)
        ok(client.response())
        client.given_back(DISPATCH, subject.hello)
        subject.worker.expect(FREE)
        require(client.nothing_more(), "the second request was answered too")
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "more FREE came than CONNECTION were sent")


@check("dispatch.request.incomplete", BOTH, dispatch="request")
def dispatch_request_incomplete(subject):
    """With the dispatch request FREE comes at once where the request is not complete yet."""
    client = subject.worker.connect()
    client.hand_off(subject.part)
    subject.worker.expect(FREE)
    client.send(subject.rest)
    subject.answered(client)
    subject.comes_back(client, DISPATCH)


@check("dispatch.request.off", BOTH, dispatch="request")
def dispatch_request_off(subject):
    """With the dispatch request FREE comes too for a CONNECTION that is given back unread, as after OFF."""
    subject.worker.send(OFF)
    client = subject.worker.connect()
    client.hand_off(subject.hello)
    client.given_back(REQUESTED, subject.hello)
    subject.worker.expect(FREE)
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "two FREE came for one CONNECTION")


@check("dispatch.request.handling", dispatch="request")
def dispatch_request_handling(subject):
    """With the dispatch request FREE comes when the handler has ended, not before."""
    client = subject.worker.connect()
    client.hand_off(subject.slow(1500))
    subject.worker.await_state(client.slot, HANDLING, ANSWERING)
    subject.worker.barrier()
    require(not subject.worker.has_come(FREE), "FREE came while the handler ran")
    ok(client.response())
    subject.worker.expect(FREE)


@check("dispatch.adaptive", dispatch="adaptive")
def dispatch_adaptive(subject):
    """With the dispatch adaptive a worker whose handler runs for 1 ms while it holds other connections sends SLOW, gives
    back those whose handler was not called, and then sends FREE or QUICK."""
    others = [subject.served() for _ in range(2)]
    busy = subject.handling(2000)
    if subject.worker.find_while(busy.nothing_more, SLOW) is None:
        raise Skipped("this worker never sends SLOW, and is served as by connection")
    for client in others:
        if not subject.worker.has_come(GIVE_BACK, client.id):
            client.given_back(DISPATCH, b"")
    require(subject.worker.state(busy.slot) in (HANDLING, ANSWERING), "they came only when the handler had ended")
    ok(busy.response())
    busy.given_back(DISPATCH, b"")
    require(
        subject.worker.find_any((FREE, QUICK)),
        "neither FREE nor QUICK came when the handler had ended",
    )


@check("dispatch.adaptive.quick", dispatch="adaptive")
def dispatch_adaptive_quick(subject):
    """A worker that has sent SLOW sends QUICK, in place of a FREE, when its handlers have become quick again."""
    subject.served()
    busy = subject.handling(1000)
    if subject.worker.find_while(busy.nothing_more, SLOW) is None:
        raise Skipped("this worker never sends SLOW, and is served as by connection")
    ok(busy.response())
    for _ in range(200):
        said = subject.worker.find_any((FREE, QUICK))
        require(said, "neither FREE nor QUICK came when the handler had ended")
        if said.kind == QUICK:
            return
        client = subject.worker.connect()
        client.hand_off(subject.hello)
        ok(client.response())
        client.close()
    raise Failed("QUICK did not come within 200 requests; the handler of --path may take longer than 0.5 ms")


@check("yield", BOTH)
def yields(subject):
    """At YIELD the worker gives so many connections back as DISPATCH, each behind its next complete response."""
    clients = [subject.kept() for _ in range(3)]
    subject.worker.send(YIELD, 1)
    subject.worker.barrier()
    require(
        not any(subject.worker.has_come(GIVE_BACK, client.id) for client in clients),
        "a connection came back before it had answered a request",
    )
    clients[0].send(subject.hello)
    subject.answered(clients[0])
    subject.worker.barrier()
    if not subject.came_back(clients[0], 2):
        raise Skipped("this worker gives no connection back for it, and is less well balanced")
    clients[1].send(subject.hello)
    subject.answered(clients[1])
    # Behind a response the worker keeps the connection, or gives it back; either may come later than the response.
    subject.worker.await_state(clients[1].slot, STATE_IDLE)
    subject.worker.barrier()
    require(not subject.came_back(clients[1], 0), "a second connection came back")
    subject.worker.send(YIELD, 1)
    clients[2].send(subject.hello)
    subject.answered(clients[2])
    subject.comes_back(clients[2], DISPATCH)
