"""ASGI applications for the tests."""

import asyncio


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            scope["state"]["started"] = "yes"
            if kind == "lifespan.shutdown":
                print("shut down")
            await send({"type": kind + ".complete"})
            if kind == "lifespan.shutdown":
                return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    await asyncio.sleep(0.001)
    if scope["query_string"] == b"fail":
        raise ValueError("as asked for")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-method", scope["method"].encode())]})
    if scope["query_string"] == b"half":
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        return
    if scope["query_string"] == b"stream":
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"piece ", "more_body": True})
        await send({"type": "http.response.body"})
        assert (await receive())["type"] == "http.disconnect"
        return
    text = "%s %s %d %s\n" % (scope["root_path"], scope["path"], len(body), scope["state"].get("started"))
    await send({"type": "http.response.body", "body": text.encode()})


async def plain(scope, receive, send):
    """Knows no lifespan."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
