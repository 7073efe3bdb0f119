"""/api/devices/<id>/members: who may do what there; /api/customers/<id>/revoke: a lost phone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api", tags=["household"])

Id = Annotated[str, Path(max_length=64)]


class Invitation(BaseModel):
    """by: the owner who asks; hours: for how long a guest is one."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(max_length=40)]
    customer: Annotated[str, Field(max_length=40)]
    role: Literal["user", "guest"] = "user"
    hours: Annotated[int, Field(ge=0, le=24)] = 0


class ByHand(BaseModel):
    """by: who asks, themselves or the owner."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(max_length=40)]
    yes: bool


@router.get("/devices/{device}/members")
async def members(parts: TheParts, device: Id) -> Json:
    """Who is known at a device, as what, and until when."""
    return Json({"members": parts.household.members(device)})


@router.post("/devices/{device}/members", status_code=201)
async def invite(parts: TheParts, device: Id, asked: Invitation) -> Json:
    """The owner lets a device know somebody, for good or as a guest for hours."""
    parts.household.invite(asked.by, device, asked.customer, asked.role, asked.hours)
    return Json({"invited": asked.customer}, 201)


@router.put("/devices/{device}/members/{customer}/by-hand")
async def choosable(parts: TheParts, device: Id, customer: Id, asked: ByHand) -> Json:
    """Whether somebody may be chosen at the device itself, without a phone."""
    parts.household.choosable(asked.by, device, customer, asked.yes)
    return Json({"by_hand": asked.yes})


@router.delete("/devices/{device}/members/{customer}")
async def dismiss(
    parts: TheParts, device: Id, customer: Id, by: Annotated[str, Query(max_length=40)]
) -> Json:
    """The owner sends somebody away, or somebody leaves by themselves."""
    parts.household.dismiss(by, device, customer)
    return Json({"dismissed": customer})


@router.post("/customers/{customer}/revoke")
async def revoke(parts: TheParts, customer: Id) -> Json:
    """The phone of this customer is lost: where it is known still, and until when at most."""
    return Json({"revoked": customer, "devices": parts.lost.revoke(customer)})
