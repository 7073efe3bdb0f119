"""/api/changes and /health: what a page or a supervisor listens to."""

from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from hub.api.answers import Json, refusal
from hub.api.parts import TheParts
from hub.changes import Change, Changes

router = APIRouter(tags=["live"])


@router.get("/health")
async def health(parts: TheParts) -> Json:
    """200 while the hub answers; `link` says whether it hears its devices."""
    return Json({"status": "ok", "link": "up" if parts.link.connected else "down"})


@router.get("/api/changes")
async def changes(parts: TheParts) -> Response:
    """Server-sent events: first the version, then one for each change.

    event: version, customer or device; data: the version, or its id.
    """
    if parts.changed.full:
        return refusal(503, "Too many pages listen; close one and try again.", Retry_After="30")
    return StreamingResponse(lines(parts.changed), media_type="text/event-stream")


async def lines(
    changed: Changes, concerns: Callable[[Change], bool] = lambda change: True
) -> AsyncIterator[str]:
    """What a page hears of; with the version at first, so that it knows whether it missed any."""
    with changed.listening() as news:
        yield f"retry: 2000\nevent: version\ndata: {changed.version}\n\n"
        async for change in news:
            if change is None:
                yield ":\n\n"
            elif concerns(change):
                yield f"event: {change[0]}\ndata: {change[1]}\n\n"
