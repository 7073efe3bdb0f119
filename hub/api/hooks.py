"""/api/hooks: what the firm's systems were told; /api/customers/<id>/messages: what went out."""

from typing import Annotated

from fastapi import APIRouter, Path

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api", tags=["relationship"])

Id = Annotated[str, Path(max_length=40)]


@router.get("/hooks")
async def hooks(parts: TheParts) -> Json:
    """Each hook, with how many messages it took, and how many were given up, since the start."""
    return Json({"hooks": parts.turns.hooks()})


@router.get("/hooks/dead")
async def dead(parts: TheParts) -> Json:
    """The messages that hooks did not take, however often it was tried, and why."""
    return Json({"dead": parts.turns.given_up()})


@router.get("/customers/{customer}/messages")
async def messages(parts: TheParts, customer: Id) -> Json:
    """Everything that went out to this person, newest first, and how far each hook has come."""
    return Json({"messages": parts.outgoing.of(customer)})


@router.post("/customers/{customer}/messages/{number}/again", status_code=201)
async def again(
    parts: TheParts, customer: Id, number: Annotated[int, Path(ge=1, le=1 << 53)]
) -> Json:
    """Let hooks that were given up try this message once more."""
    parts.turns.again(customer, number)
    return Json({"again": number}, 201)


@router.get("/customers/{customer}/services")
async def services(parts: TheParts, customer: Id) -> Json:
    """Where the counters of their devices stand, and when each wants something, at their pace."""
    return Json({"services": parts.services.of(customer)})
