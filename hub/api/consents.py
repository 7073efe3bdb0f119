"""/api/customers/<id>/consents: what they agree to, purpose by purpose."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api/customers/{customer}/consents", tags=["consents"])

Id = Annotated[str, Path(max_length=40)]


class Consent(BaseModel):
    """by: who says it, as people read it."""

    model_config = ConfigDict(extra="forbid")

    purpose: Annotated[str, Field(max_length=64)]
    given: bool
    by: Annotated[str, Field(max_length=64)]


@router.get("")
async def consents(parts: TheParts, customer: Id) -> Json:
    """Each purpose in plain words, what they say to it, and where that is not in force yet."""
    return Json({"consents": parts.consents.of(customer)})


@router.get("/history")
async def history(parts: TheParts, customer: Id) -> Json:
    """Everything they ever said, newest first."""
    return Json({"history": parts.consents.history(customer)})


@router.post("", status_code=201)
async def say(parts: TheParts, customer: Id, asked: Consent) -> Json:
    """They agree to a purpose, or no more; devices that are there follow at once."""
    parts.consents.say(customer, asked.purpose, asked.given, asked.by)
    return Json({"consents": parts.consents.of(customer)}, 201)
