"""/api/.../tables/...: every table of the pages as JSON and CSV, the same that the API tells."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from hub.api.answers import Json, refusal
from hub.api.customers import Id
from hub.api.narrowed import Narrowed, TheNarrowed
from hub.api.parts import Parts, TheParts
from hub.people.customer import MOST_EVENTS
from hub.privacy.sheet import sheet

router = APIRouter(prefix="/api", tags=["tables"])

Table = Annotated[str, Path(max_length=32)]
Wanted = Annotated[str, Query(max_length=100)]
Rows = list[dict[str, Any]]


@router.get("/customers/{customer}/tables/{table}")
async def of_customer(parts: TheParts, customer: Id, table: Table, wanted: TheNarrowed) -> Response:
    """settings, contexts, devices, timeline, wishes, corrections, consents, preferences or notes.

    Each with .json or .csv behind it; the timeline narrowed as on the page.
    """
    return _table(table, _OF_CUSTOMER, parts, customer, wanted)


@router.get("/devices/{device}/tables/{table}")
async def of_device(parts: TheParts, device: Id, table: Table) -> Response:
    """people, totals or notes, and .json or .csv."""
    return _table(table, _OF_DEVICE, parts, device)


@router.get("/tables/customers.csv")
async def customers(parts: TheParts, q: Wanted = "") -> Response:
    """What a search finds; 50 at most."""
    return _csv(parts.profiles.search(q), "customers")


@router.get("/tables/devices.csv")
async def devices(parts: TheParts, q: Wanted = "") -> Response:
    return _csv(parts.profiles.list_devices(q), "devices")


@router.get("/tables/updates.csv")
async def updates(parts: TheParts) -> Response:
    return _csv(parts.updates.rollouts(), "updates")


def _table(table: str, among: dict[str, Any], parts: Parts, *about: Any) -> Response:
    name, _, form = table.partition(".")
    if name not in among or form not in ("json", "csv"):
        return refusal(404, f"There are {', '.join(among)}, each as .json or .csv.")
    rows = among[name](parts, *about)
    return Json({name: rows}) if form == "json" else _csv(rows, name)


def _about(key: str) -> Any:
    return lambda parts, customer, _: parts.profiles.about(customer)[key]


def _timeline(parts: Parts, customer: str, wanted: Narrowed) -> Rows:
    every = parts.profiles.timeline(customer, MOST_EVENTS)
    return [entry for entry in every if wanted.fits(entry, parts.zone)]


def _contexts(parts: Parts, customer: str, _: Narrowed) -> Rows:
    """The settings of every product at each time of day."""
    about = parts.profiles.about(customer)
    names = dict.fromkeys(one["product"] for one in about["settings"])
    return [line for name in names for line in parts.profiles.by_time(customer, name)]


def _wishes(parts: Parts, customer: str, _: Narrowed) -> Rows:
    return parts.profiles.wishes(customer)


def _corrections(parts: Parts, customer: str, _: Narrowed) -> Rows:
    uses = parts.profiles.about(customer)["use"]
    return [{"product": use["product"]} | visit for use in uses for visit in use["corrections"]]


_OF_CUSTOMER: dict[str, Any] = {
    "settings": _about("settings"),
    "contexts": _contexts,
    "devices": _about("devices"),
    "timeline": _timeline,
    "wishes": _wishes,
    "corrections": _corrections,
    "consents": lambda parts, customer, _: parts.consents.of(customer),
    "preferences": lambda parts, customer, _: parts.preferences.of(customer),
    "notes": lambda parts, customer, _: parts.notes.of(customer),
}


def _totals(parts: Parts, device: str) -> Rows:
    totals = parts.profiles.device(device)["totals"]
    return [{"counter": name, "total": total} for name, total in totals.items()]


_OF_DEVICE: dict[str, Any] = {
    "people": lambda parts, device: parts.profiles.device(device)["people"],
    "totals": _totals,
    "notes": lambda parts, device: parts.profiles.device(device)["notes"],
}


def _csv(rows: Sequence[dict[str, Any]], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(sheet(rows), media_type="text/csv; charset=utf-8", headers=headers)
