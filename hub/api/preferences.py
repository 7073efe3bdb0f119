"""/api/customers/<id>/preferences: how a person wants to be dealt with."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(prefix="/api/customers/{customer}", tags=["relationship"])

Id = Annotated[str, Path(max_length=40)]


class Preference(BaseModel):
    """value: as text, also of numbers; by: who said it."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(max_length=100)]
    by: Annotated[str, Field(max_length=64)]


@router.get("/preferences")
async def preferences(parts: TheParts, customer: Id) -> Json:
    """How often and when they may be contacted, and how: each with its source, author and time."""
    return Json({"preferences": parts.preferences.of(customer)})


@router.put("/preferences/{name}")
async def say(
    parts: TheParts, customer: Id, name: Annotated[str, Path(max_length=40)], asked: Preference
) -> Json:
    """They say how they want it."""
    parts.preferences.say(customer, name, asked.value, asked.by)
    return Json({"preferences": parts.preferences.of(customer)})
