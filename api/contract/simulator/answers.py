"""Answers as the weather wants them: late, never, cut off, in the wrong form, or as they should be."""

import asyncio
import json
from collections.abc import Collection

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.contract.cells import Json
from api.contract.simulator.faults import FaultKind

LONGEST_SILENCE_SECONDS = 120.0
STATUSES = {FaultKind.ERROR_500: 500, FaultKind.ERROR_502: 502, FaultKind.ERROR_503: 503}


class Weathered(Response):
    """A JSON answer that goes out as the drawn faults say."""

    def __init__(self, content: Json, faults: Collection[FaultKind], delay_seconds: float, status: int = 200) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        kind = next((kind for kind in faults if kind is not FaultKind.DELAY), None)
        self.delay_seconds = delay_seconds if FaultKind.DELAY in faults else 0.0
        self.kind = kind
        media = "application/json"
        if kind in STATUSES:
            body, status, media = b"<html>out of order</html>", STATUSES[kind], "text/html"
        elif kind is FaultKind.GARBAGE:
            body = b'{"rows": [{"external_id": ' + body[: len(body) // 3]
        elif kind is FaultKind.INVALID_UTF8:
            body = body.replace(b"{", b"{\xff\xfe", 1)
        elif kind is FaultKind.WRONG_TYPE:
            media = "text/html"
        super().__init__(body, status, media_type=media)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, or a part of it, or nothing."""
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if self.kind is FaultKind.TIME_OUT:
            await _silence(receive)
        elif self.kind is FaultKind.CUT_OFF:
            start: Message = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
            # Returning now makes the server close the connection in the middle of the body.
        else:
            await super().__call__(scope, receive, send)


async def _silence(receive: Receive) -> None:
    """Wait until the other side gives up."""
    try:
        async with asyncio.timeout(LONGEST_SILENCE_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
