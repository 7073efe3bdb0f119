"""/api/backup: the store as one archive, while it is in use."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from hub.api.answers import refusal
from hub.api.parts import TheParts
from hub.privacy.backups import noted
from hub.store.backup import snapshot
from hub.store.tiny import TinyStore

router = APIRouter(prefix="/api/backup", tags=["backup"])


@router.get("")
async def backup(parts: TheParts) -> Response:
    """A tar archive of everything, sealed as it is kept, without the keys; `rapport restore`."""
    if not isinstance(parts.store, TinyStore):
        return refusal(409, "This hub has no store of its own: back up its database instead.")
    noted(parts.store, parts.clock())
    pieces = snapshot(parts.store)
    first = next(pieces)  # before the answer begins: another backup may be running
    return StreamingResponse(_one_by_one(first, pieces), media_type="application/x-tar")


async def _one_by_one(
    first: bytes, pieces: Generator[bytes, None, None]
) -> AsyncGenerator[bytes, None]:
    """The pieces, with everything else having its turn between two of them."""
    with contextlib.closing(pieces):
        yield first
        for piece in pieces:
            yield piece
            await asyncio.sleep(0)
