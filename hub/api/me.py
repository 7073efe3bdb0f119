"""/api/me: what a customer may ask, always about themselves: no id of a person is taken."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from hub.access.who import CUSTOMER, Who
from hub.api import live
from hub.api.answers import Json, refusal
from hub.api.customers import plain_value
from hub.api.parts import Parts, TheParts
from hub.changes import Change
from hub.errors import UnknownCustomerError, UnknownLineError
from hub.people import circle
from hub.people.customer import Customer

router = APIRouter(prefix="/api/me", tags=["me"])

Name = Annotated[str, Field(max_length=64)]


async def _me(request: Request) -> Who:
    who: Who | None = request.state.who
    if who is None or who.role != CUSTOMER:
        raise HTTPException(403, "This is for customers, about themselves")
    return who


TheMe = Annotated[Who, Depends(_me)]
"""The customer whose session it is."""


class Wish(BaseModel):
    """value: as the product shows it; null lets it be decided from use again."""

    model_config = ConfigDict(extra="forbid")

    product: Name
    setting: Name
    value: Any
    based_on: Annotated[str, Field(max_length=100)] | None = None

    _plain = field_validator("value")(plain_value)


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    product: Name
    setting: Name
    rule: Name


class Undo(BaseModel):
    """event: the id of the line of the timeline; of: the identity of mine whose line it is."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[int, Field(ge=1, le=1 << 53)]
    of: Annotated[str, Field(max_length=40)] = ""


@router.get("")
async def about(parts: TheParts, me: TheMe) -> Json:
    """Everything known of me, each value with its source, author, time and reason."""
    return Json(parts.profiles.about(me.customer))


@router.get("/timeline")
async def timeline(
    parts: TheParts,
    me: TheMe,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int, Query(ge=1, le=1 << 53)] | None = None,
) -> Json:
    """What happened, newest first; `before` is the id of the oldest entry seen."""
    return Json({"timeline": parts.profiles.timeline(me.customer, limit, before)})


@router.post("/wishes", status_code=201)
async def wish(parts: TheParts, me: TheMe, asked: Wish) -> Json:
    """I ask for a value at every device of a product. 409 if it is not based on what stands."""
    number = parts.profiles.wish(
        me.customer,
        asked.product,
        asked.setting,
        asked.value,
        by=me.name,
        based_on=asked.based_on,
        own=True,
    )
    return Json({"id": number, "state": "queued"}, 201)


@router.post("/rules", status_code=201)
async def rule(parts: TheParts, me: TheMe, asked: Rule) -> Json:
    """I decide about the learning of a setting: learn, frozen, paused or forget."""
    parts.profiles.rule(me.customer, asked.product, asked.setting, asked.rule, me.name)
    return Json({"setting": asked.setting, "rule": asked.rule}, 201)


@router.post("/undo", status_code=201)
async def undo(parts: TheParts, me: TheMe, asked: Undo) -> Json:
    """As if it had never happened; to undo the line of an undoing takes that back."""
    return Json({"lines": undo_own(parts, me, asked.event, asked.of)}, 201)


@router.get("/changes")
async def changes(parts: TheParts, me: TheMe) -> Response:
    """Server-sent events, as /api/changes has them: those about me and my devices only."""
    if parts.changed.full:
        return refusal(503, "Too many pages listen; close one and try again.", Retry_After="30")

    return StreamingResponse(
        live.lines(parts.changed, concerns(parts, me)), media_type="text/event-stream"
    )


def concerns(parts: Parts, me: Who) -> Callable[[Change], bool]:
    """Which changes are about me or my devices; who comes and goes meanwhile is noticed."""
    names = own_names(parts, me)

    def mine(change: Change) -> bool:
        if change[1] not in names:
            return False
        if change[0] == "customer":
            names.update(own_names(parts, me))
        return True

    return mine


def undo_own(parts: Parts, me: Who, event: int, of: str = "") -> list[int]:
    """Undo a line of mine, also of another identity that is me; UnknownLineError for others'."""
    if of and of not in own_names(parts, me):
        raise UnknownLineError(event)
    return parts.histories.undo(of or me.customer, me.name, event=event)


def own_names(parts: Parts, me: Who) -> set[str]:
    """Ids of my identities and devices."""
    draft = parts.profiles.office.draft()
    try:
        everyone = circle.members(draft, Customer(draft, me.customer))
    except UnknownCustomerError:
        return {me.customer}  # forgotten just now
    return {name for one in everyone for name in (one.id, *one.devices)}
