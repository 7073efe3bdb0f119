"""/customers/<id>: one person on one page, and the page that asks before they are forgotten."""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub.access.who import STAFF_KEY
from hub.api.customers import Id
from hub.api.narrowed import EVERYTHING, Narrowed, TheNarrowed
from hub.api.parts import Parts, TheProfiles
from hub.pages import plot, told, words
from hub.pages.forms import NO_TROUBLE, Trouble
from hub.pages.paper import page
from hub.pages.plots import lanes, spread, week
from hub.pages.plots.spread import Spread
from hub.people.customer import MOST_EVENTS
from hub.profiles import Profiles

router = APIRouter(include_in_schema=False)

STAFF_COOKIE = "rapport-staff"  # the name that was last signed with, offered again
_MOST_OFFERED = 100  # devices
_MOST_DRAWN = 200  # entries of the timeline


@router.get("/customers/{customer}")
async def person(
    request: Request,
    profiles: TheProfiles,
    customer: Id,
    wanted: TheNarrowed,
    before: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
) -> Response:
    return show(request, profiles, customer, wanted=wanted, before=before)


@router.get("/customers/{customer}/forget")
async def ask_before_forgetting(request: Request, profiles: TheProfiles, customer: Id) -> Response:
    return ask(request, profiles, customer)


def show(
    request: Request,
    profiles: Profiles,
    customer: str,
    trouble: Trouble = NO_TROUBLE,
    wanted: Narrowed = EVERYTHING,
    before: int = 0,
) -> Response:
    """The person's page; with what was wrong, when a form on it could not be taken."""
    parts: Parts = request.app.state.parts
    about, every = profiles.about(customer), profiles.timeline(customer, MOST_EVENTS)
    devices = [one["id"] for one in about["devices"]]
    return page(
        request,
        "customer.html",
        trouble.status,
        about=about,
        products=[_product(parts, about, name) for name in _names(about)],
        offered=_offered(profiles, about),
        told=told.page(every, wanted, before, parts.zone),
        lanes=lanes.lanes(every[:_MOST_DRAWN], devices, parts.zone, parts.clock()),
        consents=parts.consents.of(customer),
        preferences=parts.preferences.of(customer),
        notes=parts.notes.of(customer),
        trouble=trouble,
        staff=signed_by(request),
    )


def signed_by(request: Request) -> str:
    """Who signs what is done here: the account, or the name that was typed last; "" for neither."""
    who = request.state.who
    return unquote(request.cookies.get(STAFF_COOKIE, "")) if who in (None, STAFF_KEY) else who.name


def ask(
    request: Request, profiles: Profiles, customer: str, trouble: Trouble = NO_TROUBLE
) -> Response:
    """The page that asks whether somebody shall really be forgotten."""
    about = profiles.about(customer)
    return page(request, "forget.html", trouble.status, about=about, trouble=trouble)


def _names(about: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(setting["product"] for setting in about["settings"]))


def _product(parts: Parts, about: dict[str, Any], name: str) -> dict[str, Any]:
    """What the page shows of one product."""
    use = next(one for one in about["use"] if one["product"] == name)
    others = parts.insights.of_product(name).get("spread", {})
    settings = [one for one in about["settings"] if one["product"] == name]
    first = about["name"].split()[0]
    return {
        "name": name,
        "title": parts.products[name].title,
        "settings": [one | {"plots": _plots(one, others, first)} for one in settings],
        "devices": [one for one in about["devices"] if one["product"] == name],
        "use": use,
        "plot": plot.corrections(use["corrections"]),
        "week": week.week([visit["at_ms"] for visit in use["corrections"]], parts.zone),
    }


def _plots(one: dict[str, Any], others: dict[str, Any], name: str) -> list[tuple[str, Spread]]:
    """[(title, drawing)]: their own values of late, and those of all who agreed."""
    own = [(_value(one, row["text"]), row["times"]) for row in one["had"]]
    rows = [(_value(one, row["text"]), row["people"]) for row in others.get(one["setting"], [])]
    drawn = [
        ("Of late", spread.spread(own, one["here"], "visits", "now")),
        ("Among all", spread.spread(rows, one["here"], "people", f"{name} is here")),
    ]
    return [(title, made) for title, made in drawn if made]


def _value(one: dict[str, Any], text: str) -> str:
    return words.value(text) if one["kind"] == "colour" else text


def _offered(profiles: Profiles, about: dict[str, Any]) -> list[str]:
    linked = {one["id"] for one in about["devices"]}
    names = profiles.device_names(_MOST_OFFERED + len(linked))
    return [name for name in names if name not in linked][:_MOST_OFFERED]
