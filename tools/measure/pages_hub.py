"""A hub for its pages to be measured, in a process: python -m tools.measure.pages_hub STORE KEYS.

Prints one line when it answers: {"port", "token"}. Ends when its input does. Its devices are not
there, and its clock stands still; all else is as `rapport hub` has it. EMPTY is a route that does
nothing, for comparison.
"""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import products
from hub.access.audit_log import AuditLog
from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.garbage import look_seldom
from hub.link.memory import MemoryLink
from hub.store.tiny import TinyStore
from tools.measure.pages_people import NOW_MS

EMPTY = "/empty"

_PRODUCTS = Path(__file__).parents[2] / "firmware" / "products"


def main(store: Path, keys: Path) -> None:
    parts = Parts(
        store=TinyStore(store, keys),
        link=MemoryLink(),
        products=products.load([_PRODUCTS]),
        clock=lambda: NOW_MS,
        random=os.urandom,
        access=Access("the key of a measure", lambda: NOW_MS, os.urandom),
        audit_lines=AuditLog(store.with_name("audit")),
    )
    config = uvicorn.Config(_beside(create_app(parts)), port=0, log_level="warning", ws="none")
    _Server(config, parts).run()


def _beside(app: ASGIApp) -> ASGIApp:
    """The hub, and beside it a route that does nothing."""
    empty = FastAPI()

    @empty.get(EMPTY)
    async def nothing() -> dict[str, str]:
        return {}

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (empty if scope.get("path") == EMPTY else app)(scope, receive, send)

    return both


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        look_seldom()
        port = self.servers[0].sockets[0].getsockname()[1]
        print(json.dumps({"port": port, "token": self._parts.access.link()}), flush=True)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self.should_exit = True


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
