"""/mine/home: a customer's devices, whom else these know, a new one by its label, a lost phone."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from hub.access.who import Who
from hub.api.customers import Id
from hub.api.me import TheMe
from hub.api.parts import CheckedForm, TheParts
from hub.devices import label
from hub.errors import AskedError, InvalidError, UnknownDeviceError
from hub.pages import words
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.mine_paper import page
from hub.pages.paper import see
from hub.people import guest_code
from hub.people.identities import CODE_MS
from hub.people.keys import LONGEST_PASS_H

router = APIRouter(include_in_schema=False, prefix="/mine")

Text = Annotated[str, Form()]


@router.get("/home")
async def home(request: Request, parts: TheParts, me: TheMe) -> Response:
    return _home(request, parts, me)


@router.post("/guest-code", dependencies=[CheckedForm])
async def show_guest_code(request: Request, parts: TheParts, me: TheMe) -> Response:
    """A code for the eyes of who sees this page; it is in no address and kept nowhere."""
    return _home(request, parts, me, code=guest_code.new(parts.identities, me.customer))


@router.post("/devices/{device}/members", dependencies=[CheckedForm])
async def invite(
    request: Request,
    parts: TheParts,
    me: TheMe,
    device: Id,
    code: Text = "",
    role: Text = "guest",
    hours: Text = "",
) -> Response:
    typed = {"code": code, "role": role, "hours": hours}
    try:
        stay_h = _hours(hours) if role == "guest" else 0
        invited = guest_code.customer(parts.identities, code)
        parts.household.invite(me.customer, device, invited, role, stay_h)
    except AskedError as error:
        return _home(request, parts, me, trouble(f"invite-{device}", error, typed, "code"))
    return see(f"/mine/home?done=invited&at={device}#{device}")


@router.post("/devices/{device}/dismiss", dependencies=[CheckedForm])
async def dismiss(parts: TheParts, me: TheMe, device: Id, other: Text = "") -> Response:
    """I am the owner, and send somebody away."""
    parts.household.dismiss(me.customer, device, other)
    return see(f"/mine/home?done=dismissed&at={device}#{device}")


@router.post("/devices/{device}/leave", dependencies=[CheckedForm])
async def leave(parts: TheParts, me: TheMe, device: Id) -> Response:
    """It is not mine, and shall forget me."""
    parts.household.dismiss(me.customer, device, me.customer)
    return see("/mine/home?done=left")


@router.post("/revoke", dependencies=[CheckedForm])
async def revoke(parts: TheParts, me: TheMe) -> Response:
    """My phone is lost."""
    parts.lost.revoke(me.customer)
    return see("/mine/home?done=revoked")


@router.post("/add", dependencies=[CheckedForm])
async def add(request: Request, parts: TheParts, me: TheMe, typed: Text = "") -> Response:
    """The label is right: now the device has to be asked, near by, and pressed."""
    try:
        device, code = label.read(typed)
        product = parts.deliveries.offered(device, code)
    except UnknownDeviceError:
        error = InvalidError("label", "label: no product of that number is known here; read again.")
        return _home(request, parts, me, trouble("add", error, {"label": typed}))
    except AskedError as error:
        return _home(request, parts, me, trouble("add", error, {"label": typed}, "label"))
    title = parts.products[product].title
    return page(request, parts, me, "mine/add.html", device=device, code=code, title=title)


def _hours(typed: str) -> int:
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= LONGEST_PASS_H:
        raise InvalidError("hours", f"hours: 1 to {LONGEST_PASS_H} are wanted for a guest.")
    return int(typed)


def _home(
    request: Request, parts: TheParts, me: Who, wrong: Trouble = NO_TROUBLE, code: str = ""
) -> Response:
    about = parts.profiles.about(me.customer)
    devices = [_device(parts, me, one) for one in about["devices"]]
    return page(
        request,
        parts,
        me,
        "mine/home.html",
        wrong,
        about=about,
        devices=devices,
        health=words.health(devices),
        code=code,
        code_minutes=CODE_MS // 60_000,
        longest_h=LONGEST_PASS_H,
    )


def _device(parts: TheParts, me: Who, device: dict[str, Any]) -> dict[str, Any]:
    """With my role there; and, where I am the owner, everybody else whom it knows."""
    everyone = parts.household.members(device["id"])
    mine = [one for one in everyone if one["id"] == me.customer]
    role = mine[0]["role"] if mine else "user"
    others = [one for one in everyone if one["id"] != me.customer] if role == "owner" else []
    until_ms = mine[0]["until_ms"] if mine else None
    # what waits for a device is for who looks after the hub
    return device | {"role": role, "others": others, "until_ms": until_ms, "waiting": 0}
