"""/api/customers/<id>/...: what happened there: take it back, ask why, take it all away."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.privacy.sheet import archive

router = APIRouter(prefix="/api/customers/{customer}", tags=["histories"])

Id = Annotated[str, Path(max_length=40)]
Line = Annotated[int, Path(ge=1, le=1 << 53)]


class Undo(BaseModel):
    """Either the newest `steps`, or the line of the timeline with the id `event`."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(max_length=64)]
    steps: int | None = None
    event: Annotated[int, Field(ge=1, le=1 << 53)] | None = None


@router.post("/undo", status_code=201)
async def undo(parts: TheParts, customer: Id, asked: Undo) -> Json:
    """As if it had never happened. Undoing a line that tells of an undoing takes that back."""
    lines = parts.histories.undo(customer, asked.by, asked.steps, asked.event)
    return Json({"lines": lines}, 201)


@router.get("/export")
async def export(parts: TheParts, customer: Id) -> Json:
    """Everything kept of this person, in the shape of hub/privacy/export.schema.json."""
    return Json(parts.histories.export(customer))


@router.get("/export.zip")
async def tables(parts: TheParts, customer: Id) -> Response:
    """The same for a spreadsheet: settings, timeline, visits, consents, wishes, ..., a CSV each."""
    content = archive(parts.histories.export(customer))
    headers = {"Content-Disposition": 'attachment; filename="rapport.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


@router.get("/visits/{line}/decision")
async def decision(parts: TheParts, customer: Id, line: Line) -> Json:
    """What the device decided from at the visit that this line of the timeline tells of."""
    return Json(parts.histories.decision(customer, line))
