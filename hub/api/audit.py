"""/api/audit: who looked at whom or changed what; customers are pseudonyms there."""

from typing import Annotated

from fastapi import APIRouter, Query

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api/audit", tags=["audit"])


@router.get("")
async def entries(
    parts: TheParts,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int | None, Query(ge=1, le=1 << 53)] = None,
) -> Json:
    """Newest first; `before` is the id of the oldest entry seen."""
    return Json({"entries": parts.audit.entries(limit, before)})
