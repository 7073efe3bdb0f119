"""/ and /customers/new: finding people and devices, and beginning with somebody."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from hub.access.cases import covered
from hub.api.parts import CheckedForm, TheProfiles, TheWho
from hub.errors import AskedError
from hub.pages.forms import NO_TROUBLE, trouble
from hub.pages.paper import page, see
from hub.profiles import Profiles

router = APIRouter(include_in_schema=False)

_MOST_SHOWN = 50


@router.get("/")
async def search(
    request: Request,
    profiles: TheProfiles,
    who: TheWho,
    q: Annotated[str, Query()] = "",
    part: Annotated[str, Query()] = "",
) -> Response:
    """Customers and devices by what was typed; part=found answers with these lists alone."""
    wanted = q.strip()[:100]
    devices = _devices(profiles, wanted)
    return page(
        request,
        "found.html" if part == "found" else "search.html",
        wanted=wanted,
        customers=covered(who, profiles.search(wanted)),
        devices=devices,
        online=sum(one["online"] for one in devices),
        waiting=sum(one["waiting"] for one in devices),
    )


@router.get("/customers/new")
async def new(request: Request) -> Response:
    return page(request, "new.html", trouble=NO_TROUBLE)


@router.post("/customers/new", dependencies=[CheckedForm])
async def welcome(
    request: Request,
    profiles: TheProfiles,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    try:
        customer = profiles.welcome(name, email)
    except AskedError as error:
        wrong = trouble("new", error, {"name": name, "email": email})
        return page(request, "new.html", wrong.status, trouble=wrong)
    return see(f"/customers/{customer}?done=welcome")


def _devices(profiles: Profiles, wanted: str) -> list[dict]:
    """Those whose id, title or product has the text in it; who needs a look comes first."""
    found = profiles.list_devices(wanted, _MOST_SHOWN)
    return sorted(found, key=lambda one: (one["online"], -one["waiting"], one["id"]))
