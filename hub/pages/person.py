"""/customers/<id>: one person on one page, and the page that asks before they are forgotten."""

from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub.api.customers import Id
from hub.api.parts import TheProfiles
from hub.pages import plot, words
from hub.pages.forms import NO_TROUBLE, Trouble
from hub.pages.paper import page
from hub.people import MOST_EVENTS
from hub.profiles import Profiles

router = APIRouter(include_in_schema=False)

STAFF_COOKIE = "rapport-staff"  # the name that was last signed with, offered again
_MOST_ENTRIES = 20  # of the timeline on one page
_MOST_OFFERED = 100  # devices

Text = Annotated[str, Query(max_length=64)]


@router.get("/customers/{customer}")
async def person(
    request: Request,
    profiles: TheProfiles,
    customer: Id,
    device: Text = "",
    kind: Text = "",
    before: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
) -> Response:
    told = _told(profiles, customer, device, kind, before)
    return show(request, profiles, customer, told=told)


@router.get("/customers/{customer}/forget")
async def ask_before_forgetting(request: Request, profiles: TheProfiles, customer: Id) -> Response:
    return ask(request, profiles, customer)


def show(
    request: Request,
    profiles: Profiles,
    customer: str,
    trouble: Trouble = NO_TROUBLE,
    told: dict[str, Any] | None = None,
) -> Response:
    """The person's page; with what was wrong, when a form on it could not be taken."""
    about = profiles.about(customer)
    return page(
        request,
        "customer.html",
        trouble.status,
        about=about,
        products=[_product(profiles, about, name) for name in _names(about)],
        offered=_offered(profiles, about),
        told=told or _told(profiles, customer),
        trouble=trouble,
        staff=unquote(request.cookies.get(STAFF_COOKIE, "")),
    )


def ask(
    request: Request, profiles: Profiles, customer: str, trouble: Trouble = NO_TROUBLE
) -> Response:
    """The page that asks whether somebody shall really be forgotten."""
    about = profiles.about(customer)
    return page(request, "forget.html", trouble.status, about=about, trouble=trouble)


def _names(about: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(setting["product"] for setting in about["settings"]))


def _product(profiles: Profiles, about: dict[str, Any], name: str) -> dict[str, Any]:
    """What the page shows of one product."""
    use = next(one for one in about["use"] if one["product"] == name)
    return {
        "name": name,
        "title": profiles.products[name].title,
        "settings": [one for one in about["settings"] if one["product"] == name],
        "devices": [one for one in about["devices"] if one["product"] == name],
        "use": use,
        "plot": plot.corrections(use["corrections"]),
    }


def _offered(profiles: Profiles, about: dict[str, Any]) -> list[str]:
    linked = {one["id"] for one in about["devices"]}
    free = [name for name in profiles.device_names() if name not in linked]
    return sorted(free)[:_MOST_OFFERED]


def _told(
    profiles: Profiles, customer: str, device: str = "", kind: str = "", before: int = 0
) -> dict[str, Any]:
    """One page of the timeline, what it can be narrowed to, and where older entries are."""
    every = profiles.timeline(customer, MOST_EVENTS)
    left = [
        entry for entry in every if device in ("", entry["device"]) and kind in ("", entry["kind"])
    ]
    ids = [entry["id"] for entry in left]
    first = ids.index(before) + 1 if before in ids else 0
    shown = left[first : first + _MOST_ENTRIES]
    asked = {name: text for name, text in (("device", device), ("kind", kind)) if text}
    older = urlencode(asked | {"before": shown[-1]["id"]}) if ids[first + _MOST_ENTRIES :] else ""
    return {
        "entries": shown,
        "older": older,
        "newest": urlencode(asked) if first else None,
        "device": device,
        "kind": kind,
        "devices": sorted(
            {entry["device"] for entry in every if entry["device"]} | {device} - {""}
        ),
        "kinds": [name for name in words.KINDS if any(one["kind"] == name for one in every)],
        "query": urlencode(asked | ({"before": before} if first else {})),
    }
