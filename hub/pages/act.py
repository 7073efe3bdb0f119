"""More forms of a person's page: one with whom, guests, notes, and what a device mistook."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from hub.api.customers import Id
from hub.api.parts import CheckedForm, TheParts, TheProfiles, TheWho
from hub.errors import AskedError, InvalidError
from hub.pages.change import Text, say_why
from hub.pages.forms import trouble
from hub.pages.paper import page, see
from hub.pages.person import show, signed_by
from hub.profiles import Profiles

router = APIRouter(include_in_schema=False, prefix="/customers/{customer}")

Line = Annotated[int, Path(ge=1, le=1 << 53)]


@router.get("/times/{product}")
async def times_of_day(
    profiles: TheProfiles, request: Request, customer: Id, product: Id
) -> Response:
    """What they get of a product at each time of day, and why: a page, and a part of theirs."""
    lines = profiles.by_time(customer, product)
    settings = dict.fromkeys(line["setting"] for line in lines)
    rows = [(name, [line for line in lines if line["setting"] == name]) for name in settings]
    return page(
        request,
        "times.html",
        about=profiles.about(customer),
        product=profiles.products[product],
        rows=rows,
    )


@router.get("/visits/{line}")
async def visit(request: Request, parts: TheParts, customer: Id, line: Line) -> Response:
    """Why a device did what it did at a visit: a page, of which the timeline shows the part."""
    about = parts.profiles.about(customer)
    then = parts.histories.then(customer, line)
    others = [one for one in _people(parts.profiles, then["device"]) if one["id"] != customer]
    return page(request, "visit.html", about=about, then=then, others=others)


@router.post("/visits/{line}/mistaken", dependencies=[CheckedForm])
async def mistaken(
    request: Request,
    parts: TheParts,
    customer: Id,
    line: Line,
    whose: Text = "",
    reason: Text = "",
) -> Response:
    """It was somebody else: one of those whom the device knows, or a stranger."""
    say_why(parts, request.state.who, "corrected whom a device took them for", customer, reason)
    parts.mistaken.visit(customer, line, signed_by(request) or "support", whose)
    return see(f"/customers/{customer}?done=moved#timeline")


@router.post("/devices/{device}/replace", dependencies=[CheckedForm])
async def replace(
    request: Request, parts: TheParts, customer: Id, device: Id, new: Text = "", reason: Text = ""
) -> Response:
    form = f"replace-{device}"
    try:
        if not new.strip():
            raise InvalidError("new", "new: the id on the label of the new device is wanted.")
        say_why(parts, request.state.who, f"replaced {device} by {new}", customer, reason)
        parts.identities.replace(device, new.strip())
    except AskedError as error:
        wrong = trouble(form, error, {"new": new, "reason": reason}, "new")
        return show(request, parts.profiles, customer, wrong)
    return see(f"/customers/{customer}?done=replaced#devices")


@router.post("/devices/{device}/guests", dependencies=[CheckedForm])
async def invite(
    request: Request,
    parts: TheParts,
    customer: Id,
    device: Id,
    guest: Text = "",
    hours: Text = "",
    reason: Text = "",
) -> Response:
    """The owner lets somebody be recognised, for some hours."""
    form = f"guest-{device}"
    try:
        invited = _found(parts.profiles, "guest", guest)
        count = int(hours) if hours.isdecimal() else 0
        say_why(parts, request.state.who, f"let a guest in at {device}", customer, reason)
        parts.household.invite(customer, device, invited, "guest", count)
    except AskedError as error:
        typed = {"guest": guest, "hours": hours, "reason": reason}
        wrong = trouble(form, error, typed, "guest")
        return show(request, parts.profiles, customer, wrong)
    return see(f"/customers/{customer}?done=invited#devices")


@router.post("/identities", dependencies=[CheckedForm])
async def join(
    request: Request,
    parts: TheParts,
    customer: Id,
    code: Text = "",
    other: Text = "",
    other_code: Text = "",
    reason: Text = "",
) -> Response:
    """Two identities are one person: each has read out a code of its own."""
    typed = {"code": code, "other": other, "other_code": other_code, "reason": reason}
    try:
        found = _found(parts.profiles, "other", other)
        say_why(parts, request.state.who, "linked an identity", customer, reason)
        parts.identities.link(customer, code, found, other_code)
    except AskedError as error:
        wrong = trouble("join", error, typed, "other")
        return show(request, parts.profiles, customer, wrong)
    return see(f"/customers/{customer}?done=joined#identities")


@router.post("/part", dependencies=[CheckedForm])
async def part(parts: TheParts, who: TheWho, customer: Id, reason: Text = "") -> Response:
    say_why(parts, who, "parted an identity", customer, reason)
    parts.identities.part(customer)
    return see(f"/customers/{customer}?done=parted#identities")


@router.post("/notes", dependencies=[CheckedForm])
async def note(request: Request, parts: TheParts, customer: Id, text: Text = "") -> Response:
    try:
        parts.notes.add(customer, text, signed_by(request) or "support")
    except AskedError as error:
        wrong = trouble("note", error, {"text": text}, "text")
        return show(request, parts.profiles, customer, wrong)
    return see(f"/customers/{customer}?done=noted#notes")


@router.post("/notes/{number}/remove", dependencies=[CheckedForm])
async def remove(parts: TheParts, customer: Id, number: Line) -> Response:
    parts.notes.remove(customer, number)
    return see(f"/customers/{customer}?done=removed#notes")


def _people(profiles: Profiles, device: str) -> list[dict[str, str]]:
    return profiles.device(device)["people"]


def _found(profiles: Profiles, field: str, text: str) -> str:
    """The id of the one customer whom this means: an id, or what only one can be found by."""
    found = profiles.search(text.strip()) if text.strip() else []
    exact = [one for one in found if text.strip() in (one["id"], one["email"])]
    if len(exact or found) == 1:
        return (exact or found)[0]["id"]
    many = f"{len(found)} customers match" if found else "nobody matches"
    raise InvalidError(field, f"{field}: {many}; an id or e-mail address is wanted.")
