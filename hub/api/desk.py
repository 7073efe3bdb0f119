"""/api/customers/<id>/notes and /visits: what the desk writes down, asks and puts right."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.customers import Id
from hub.api.parts import TheParts

router = APIRouter(prefix="/api/customers/{customer}", tags=["desk"])

Line = Annotated[int, Path(ge=1, le=1 << 53)]
Name = Annotated[str, Field(max_length=64)]


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=1000)]
    by: Name


class Mistake(BaseModel):
    """whose: the id of who it was, one whom the device knows; "" for a stranger."""

    model_config = ConfigDict(extra="forbid")

    by: Name
    whose: Annotated[str, Field(max_length=40)] = ""


@router.get("/notes")
async def notes(parts: TheParts, customer: Id) -> Json:
    """What support wrote down, newest first."""
    return Json({"notes": parts.notes.of(customer)})


@router.post("/notes", status_code=201)
async def note(parts: TheParts, customer: Id, asked: Note) -> Json:
    """Write something down; whom it is about may read it."""
    return Json({"id": parts.notes.add(customer, asked.text, asked.by)}, 201)


@router.delete("/notes/{number}")
async def remove(parts: TheParts, customer: Id, number: Line) -> Json:
    parts.notes.remove(customer, number)
    return Json({"removed": number})


@router.get("/visits/{line}")
async def visit(parts: TheParts, customer: Id, line: Line) -> Json:
    """Why a device did what it did at the visit that this line of the timeline tells of."""
    return Json(parts.histories.then(customer, line))


@router.post("/visits/{line}/mistaken", status_code=201)
async def mistaken(parts: TheParts, customer: Id, line: Line, asked: Mistake) -> Json:
    """The visit was somebody else's: it is taken back, and counts as theirs if it is said whose."""
    parts.mistaken.visit(customer, line, asked.by, asked.whose)
    return Json({"corrected": line}, 201)
