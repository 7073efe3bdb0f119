"""/api/staff: who of the firm may sign in, and as what; /api/customers/<id>/invitation."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from hub.access.who import Who
from hub.api.answers import Json
from hub.api.parts import Parts, TheParts
from hub.draft import Draft
from hub.people.customer import Customer

router = APIRouter(prefix="/api", tags=["staff"])

Name = Annotated[str, Path(max_length=64)]
Id = Annotated[str, Path(max_length=40)]


class NewStaff(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=64)]
    role: Annotated[str, Field(max_length=20)]


@router.get("/staff")
async def staff(parts: TheParts) -> Json:
    """Everybody of the staff with an account, by name."""
    return Json({"staff": parts.accounts.staff()})


@router.post("/staff", status_code=201)
async def add(parts: TheParts, request: Request, asked: NewStaff) -> Json:
    """A link that makes an account, once, within 7 days; also in place of one that was lost."""
    who = parts.accounts.check_new(asked.name, asked.role)
    return Json({"name": who.name, "role": who.role, "link": link(parts, request, who)}, 201)


@router.delete("/staff/{name}")
async def remove(parts: TheParts, name: Name) -> Json:
    """They cannot sign in any more, and are signed out everywhere."""
    gone = parts.accounts.remove(name)
    parts.access.close_all(gone.who)
    return Json({"removed": gone.who.name})


@router.post("/customers/{customer}/invitation", status_code=201)
async def invite(parts: TheParts, request: Request, customer: Id) -> Json:
    """A link with which the customer makes their account, once, within 7 days: for them only."""
    Customer(Draft(parts.store), customer)
    origin = parts.public.of(request.url.netloc, request.url.scheme)
    return Json({"link": f"{origin}/invitation/{parts.access.invite(customer)}"}, 201)


def link(parts: Parts, request: Request, who: Who) -> str:
    origin = parts.public.of(request.url.netloc, request.url.scheme)
    return f"{origin}/invitation/{parts.access.invitations.begin(who)}"
