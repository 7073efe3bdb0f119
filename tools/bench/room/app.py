"""The room in a browser: one page, a stream of what is, and a way to do things.

await play(world, 8100, opened=print)        # serves on 127.0.0.1 until it is cancelled
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.answers import Json, answer_errors, refusal
from hub.api.edge import with_headers
from tools.bench.board import BoardError
from tools.bench.room.acts import Act, carry_out
from tools.bench.room.plan import furnish
from tools.bench.room.state import RefusedError, Room
from tools.bench.world import WaitError, World

_HERE = Path(__file__).parent
_HOST = "127.0.0.1"
_GRACE_S = 2
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_router = APIRouter()


async def play(world: World, port: int, opened: Callable[[str], None]) -> None:
    """Furnish the world if need be, serve the room until cancelled; opened(url) once it answers.

    port 0 takes a free one. RuntimeError if the port is taken.
    """
    await furnish(world)
    room = Room(world)
    config = uvicorn.Config(
        create_app(room), _HOST, port, log_level="warning", ws="none",
        timeout_graceful_shutdown=_GRACE_S,
    )  # fmt: skip
    server = _Server(config)
    async with contextlib.AsyncExitStack() as stack:
        following = asyncio.create_task(room.run())
        stack.push_async_callback(_cancelled, following)
        serving = asyncio.create_task(server.serve())
        stack.push_async_callback(_stopped, server, serving, room)
        while not server.started:
            if serving.done():
                raise RuntimeError(f"port {port} is taken; choose another")
            await asyncio.sleep(0.01)
        opened(f"http://{_HOST}:{server.servers[0].sockets[0].getsockname()[1]}/")
        await asyncio.wait((serving, following), return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()


def create_app(room: Room) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.room = room
    answer_errors(app)
    for kind in (RefusedError, BoardError, WaitError, OSError, RuntimeError):
        app.add_exception_handler(kind, _refused)
    app.include_router(_router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    app.add_middleware(_Edge)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[_HOST, "localhost"])
    return app


@_router.get("/")
async def page() -> Response:
    return FileResponse(_HERE / "templates" / "room.html", media_type="text/html")


@_router.get("/views")
async def views(request: Request) -> Response:
    """Server-sent events: the whole room as JSON, whenever it has changed."""
    return StreamingResponse(_events(request.app.state.room), media_type="text/event-stream")


@_router.post("/acts")
async def act(request: Request, asked: Act) -> Response:
    """Do one thing in the room."""
    await carry_out(request.app.state.room, asked)
    return Json({"done": True})


@_router.get("/desk")
async def desk(request: Request) -> Response:
    """To the hub's own pages, with a key that works once."""
    return RedirectResponse(request.app.state.room.desk(), status_code=303)


async def _events(room: Room) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for view in room.views():
        yield b"data: " + view + b"\n\n" if view else b":\n\n"


async def _refused(request: Request, error: Exception) -> Response:
    return refusal(409, str(error).splitlines()[0] if str(error) else "That did not work.")


class _Edge:
    """ASGI middleware: our headers on every answer, and nothing done for other sites' pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "").partition("://")[2]
        sending = with_headers(send, _HEADERS)
        if scope["method"] == "POST" and origin and origin != headers.get("host"):
            refused = refusal(403, "This was sent by a page of another site.")
            return await refused(scope, receive, sending)
        return await self._app(scope, receive, sending)


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the bench."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stopped(server: uvicorn.Server, serving: "asyncio.Task[Any]", room: Room) -> None:
    room.close()
    server.should_exit = True
    await asyncio.wait((serving,))


async def _cancelled(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.wait((task,))
