"""/api/changes and /health: what a page or a supervisor listens to."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from hub.api.answers import Json, refusal
from hub.api.parts import TheParts
from hub.changes import Changes

router = APIRouter(tags=["live"])


@router.get("/health")
async def health(parts: TheParts) -> Json:
    """200 while the hub answers; `link` says whether it hears its devices."""
    return Json({"status": "ok", "link": "up" if parts.link.connected else "down"})


@router.get("/api/changes")
async def changes(parts: TheParts) -> Response:
    """Server-sent events, one for each change: event customer or device, data its id."""
    if parts.changed.full:
        return refusal(503, "Too many pages listen; close one and try again.", Retry_After="30")
    return StreamingResponse(lines(parts.changed), media_type="text/event-stream")


async def lines(changed: Changes) -> AsyncIterator[str]:
    with changed.listening() as news:
        yield "retry: 2000\n\n"
        async for change in news:
            yield f"event: {change[0]}\ndata: {change[1]}\n\n" if change else ":\n\n"
