"""The forms of a person's page. Each asks the hub for one thing, and shows the page again.

Where it changes what a device does, a reason may be given: it stands in the audit, and who it
concerns can read it. More of them are in act.py.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from hub.access.who import Who
from hub.api.customers import Id
from hub.api.parts import CheckedForm, Parts, TheParts, TheProfiles, TheWho
from hub.errors import AskedError, InvalidError
from hub.pages.forms import trouble
from hub.pages.paper import see
from hub.pages.person import STAFF_COOKIE, ask, show, signed_by

router = APIRouter(include_in_schema=False, prefix="/customers/{customer}")

Text = Annotated[str, Form()]
LONGEST_REASON = 200
LONGEST_ID = 32  # of a device, as far as it is written down
_REMEMBERED_S = 90 * 86_400


@router.post("/devices", dependencies=[CheckedForm])
async def link(
    request: Request, parts: TheParts, customer: Id, device: Text = "", reason: Text = ""
) -> Response:
    name = device.strip()
    try:
        if not name:
            raise InvalidError("device", "device: the id on its label is wanted, like lamp-0001.")
        say_why(parts, request.state.who, f"linked {name[:LONGEST_ID]}", customer, reason)
        parts.profiles.link(customer, name)
    except AskedError as error:
        wrong = trouble("link", error, {"device": device, "reason": reason}, "device")
        return show(request, parts.profiles, customer, wrong)
    return see(f"/customers/{customer}?done=linked#devices")


@router.post("/devices/{device}/unlink", dependencies=[CheckedForm])
async def unlink(
    parts: TheParts, who: TheWho, customer: Id, device: Id, reason: Text = ""
) -> Response:
    say_why(parts, who, f"unlinked {device}", customer, reason)
    parts.profiles.unlink(customer, device)
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
    request: Request,
    parts: TheParts,
    customer: Id,
    product: Text = "",
    setting: Text = "",
    rule: Text = "",
    reason: Text = "",
) -> Response:
    say_why(parts, request.state.who, f"learning of {setting}: {rule}", customer, reason)
    by = signed_by(request) or "support"
    parts.profiles.rule(customer, product, setting, rule, by)
    return see(f"/customers/{customer}?done={rule}#{product}-{setting}")


@router.post("/undo", dependencies=[CheckedForm])
async def undo(
    request: Request, parts: TheParts, customer: Id, event: Text = "", reason: Text = ""
) -> Response:
    say_why(parts, request.state.who, "undid something", customer, reason)
    by = signed_by(request) or "support"
    parts.histories.undo(customer, by, event=int(event) if event.isdecimal() else None)
    return see(f"/customers/{customer}?done=undone#timeline")


@router.post("/revoke", dependencies=[CheckedForm])
async def revoke(parts: TheParts, who: TheWho, customer: Id, reason: Text = "") -> Response:
    """Their phone is lost."""
    say_why(parts, who, "revoked a phone", customer, reason)
    parts.lost.revoke(customer)
    return see(f"/customers/{customer}?done=revoked#devices")


@router.post("/forget", dependencies=[CheckedForm])
async def forget(
    request: Request, parts: TheParts, who: TheWho, customer: Id, name: Text = ""
) -> Response:
    """Only when the name was typed: nobody is forgotten by a slip of the hand.

    What follows is the receipt, to be handed to whom it is about.
    """
    expected = parts.profiles.about(customer)["name"]
    if name.strip().casefold() != expected.casefold():
        error = InvalidError("name", f"name: type {expected} to be sure.")
        return ask(request, parts.profiles, customer, trouble("forget", error, {"name": name}))
    return see(f"/mine/receipt/{parts.erasures.begin(customer, who.name)}")


def say_why(parts: Parts, who: Who, what: str, customer: str, reason: str) -> None:
    """A reason that was given stands in the audit before anything is done."""
    if reason.strip():
        parts.audit.write(who, what, customer, reason.strip()[:LONGEST_REASON])
