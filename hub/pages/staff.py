"""/staff and /audit: who may sign in, and what they did."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from hub.access.accounts import STAFF_ROLES
from hub.api import staff as api
from hub.api.customers import Id
from hub.api.parts import CheckedForm, Parts, TheParts
from hub.draft import Draft
from hub.errors import AskedError
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.paper import page, see
from hub.people.customer import Customer

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
_MOST = 100  # entries on a page


@router.get("/staff")
async def staff(parts: TheParts, request: Request) -> Response:
    return _staff(parts, request)


@router.post("/staff", dependencies=[CheckedForm])
async def add(parts: TheParts, request: Request, name: Text = "", role: Text = "") -> Response:
    """Shows the link that makes the account: it is shown this once."""
    try:
        who = parts.accounts.check_new(name, role)
    except AskedError as error:
        return _staff(parts, request, trouble("add", error, {"name": name, "role": role}))
    return _staff(parts, request, link=api.link(parts, request, who), invited=who.name)


@router.post("/staff/{name}/remove", dependencies=[CheckedForm])
async def remove(parts: TheParts, name: api.Name) -> Response:
    parts.access.close_all(parts.accounts.remove(name).who)
    return see("/staff")


@router.post("/customers/{customer}/invitation", dependencies=[CheckedForm])
async def invite(parts: TheParts, request: Request, customer: Id) -> Response:
    """A customer's own link, to be handed to them: it is shown this once."""
    person = Customer(Draft(parts.store), customer)
    origin = parts.public.of(request.url.netloc, request.url.scheme)
    link = f"{origin}/invitation/{parts.access.invite(customer)}"
    return page(request, "invitation.html", name=person.name, customer=customer, link=link)


@router.get("/audit")
async def audit(
    parts: TheParts,
    request: Request,
    before: Annotated[int | None, Query(ge=1, le=1 << 53)] = None,
) -> Response:
    entries = parts.audit.entries(_MOST, before)
    return page(request, "audit.html", entries=entries, more=len(entries) == _MOST)


def _staff(
    parts: Parts,
    request: Request,
    wrong: Trouble = NO_TROUBLE,
    link: str = "",
    invited: str = "",
) -> Response:
    return page(
        request,
        "staff.html",
        wrong.status,
        staff=parts.accounts.staff(),
        roles=STAFF_ROLES,
        trouble=wrong,
        link=link,
        invited=invited,
    )
