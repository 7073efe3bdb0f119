"""The forms of a person's page. Each asks the hub for one thing, and shows the page again."""

from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from hub.api.customers import Id
from hub.api.parts import CheckedForm, TheParts, TheProfiles
from hub.errors import AskedError, InvalidError
from hub.pages.forms import trouble
from hub.pages.paper import see
from hub.pages.person import STAFF_COOKIE, ask, show

router = APIRouter(include_in_schema=False, prefix="/customers/{customer}")

Text = Annotated[str, Form()]
_REMEMBERED_S = 90 * 86_400


@router.post("/devices", dependencies=[CheckedForm])
async def link(
    request: Request, profiles: TheProfiles, customer: Id, device: Text = ""
) -> Response:
    try:
        if not device.strip():
            raise InvalidError("device", "device: the id on its label is wanted, like lamp-0001.")
        profiles.link(customer, device.strip())
    except AskedError as error:
        wrong = trouble("link", error, {"device": device}, "device")
        return show(request, profiles, customer, wrong)
    return see(f"/customers/{customer}?done=linked#devices")


@router.post("/devices/{device}/unlink", dependencies=[CheckedForm])
async def unlink(profiles: TheProfiles, customer: Id, device: Id) -> Response:
    profiles.unlink(customer, device)
    return see(f"/customers/{customer}?done=unlinked#devices")


@router.post("/wishes", dependencies=[CheckedForm])
async def wish(
    request: Request,
    profiles: TheProfiles,
    customer: Id,
    product: Text = "",
    setting: Text = "",
    value: Text = "",
    by: Text = "",
    reason: Text = "",
    based_on: Text = "",
    let_go: Text = "",
) -> Response:
    """Ask for a value; let_go asks for none, so that it is learned from use again."""
    form = f"{product}-{setting}"
    try:
        wanted = None if let_go else value
        profiles.wish(customer, product, setting, wanted, by, reason.strip(), based_on)
    except AskedError as error:
        typed = {"value": value, "by": by, "reason": reason}
        return show(request, profiles, customer, trouble(form, error, typed))
    answer = see(f"/customers/{customer}?done=asked#{form}")
    name = quote(by.strip())
    answer.set_cookie(STAFF_COOKIE, name, _REMEMBERED_S, httponly=True, samesite="strict")
    return answer


@router.post("/rules", dependencies=[CheckedForm])
async def rule(
    profiles: TheProfiles, customer: Id, product: Text = "", setting: Text = "", rule: Text = ""
) -> Response:
    profiles.rule(customer, product, setting, rule)
    return see(f"/customers/{customer}?done={rule}#{product}-{setting}")


@router.post("/undo", dependencies=[CheckedForm])
async def undo(request: Request, parts: TheParts, customer: Id, event: Text = "") -> Response:
    by = unquote(request.cookies.get(STAFF_COOKIE, "")) or "support"
    parts.histories.undo(customer, by, event=int(event) if event.isdecimal() else None)
    return see(f"/customers/{customer}?done=undone#timeline")


@router.post("/revoke", dependencies=[CheckedForm])
async def revoke(parts: TheParts, customer: Id) -> Response:
    """Their phone is lost."""
    parts.lost.revoke(customer)
    return see(f"/customers/{customer}?done=revoked#devices")


@router.post("/forget", dependencies=[CheckedForm])
async def forget(
    request: Request, profiles: TheProfiles, customer: Id, name: Text = ""
) -> Response:
    """Only when the name was typed: nobody is forgotten by a slip of the hand."""
    expected = profiles.about(customer)["name"]
    if name.strip().casefold() != expected.casefold():
        error = InvalidError("name", f"name: type {expected} to be sure.")
        return ask(request, profiles, customer, trouble("forget", error, {"name": name}))
    profiles.forget(customer)
    return see("/?done=forgotten")
