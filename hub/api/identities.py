"""/api/customers/<id>/proof and /identities: who is one person; /api/devices/<id>/replace."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.people.identities import CODE_MS

router = APIRouter(prefix="/api", tags=["identities"])

Id = Annotated[str, Path(max_length=40)]
Code = Annotated[str, Field(max_length=20)]


class Linking(BaseModel):
    """Each identity's own code: both have to be there."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    other: Annotated[str, Field(max_length=40)]
    other_code: Code


class Replacement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(max_length=64)]


@router.post("/customers/{customer}/proof", status_code=201)
async def prove(parts: TheParts, customer: Id) -> Json:
    """A code that proves, once, that somebody speaks for this customer: for their eyes only."""
    return Json({"code": parts.identities.prove(customer), "seconds": CODE_MS // 1000}, 201)


@router.post("/customers/{customer}/identities", status_code=201)
async def link(parts: TheParts, customer: Id, asked: Linking) -> Json:
    """Two customers are one person from here on."""
    parts.identities.link(customer, asked.code, asked.other, asked.other_code)
    return Json({"linked": [customer, asked.other]}, 201)


@router.delete("/customers/{customer}/identities")
async def part(parts: TheParts, customer: Id) -> Json:
    """This customer is on their own again, with what was their own."""
    parts.identities.part(customer)
    return Json({"parted": customer})


@router.post("/devices/{device}/replace", status_code=201)
async def replace(parts: TheParts, device: Id, asked: Replacement) -> Json:
    """Another device takes its place, with everybody it knew; it forgets them."""
    return Json({"moved": parts.identities.replace(device, asked.by)}, 201)
