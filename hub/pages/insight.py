"""/insight: for the manufacturer, what customers do differently. Of many only."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub.access.who import ADMIN, SUPPORT
from hub.api.parts import CheckedForm, Parts, TheParts, TheWho
from hub.insight.plot import MOST, ranked
from hub.insight.reckoning import reckon
from hub.pages.paper import page, see
from hub.pages.plots import curve, spread
from hub.pages.words import plain, title

router = APIRouter(include_in_schema=False)

_KNOWING = (ADMIN, SUPPORT)  # who may know who it is, and not only how many


@router.get("/insight")
async def insight(request: Request, parts: TheParts, who: TheWho) -> Response:
    products = [_product(parts, name) for name in parts.products]
    return page(
        request,
        "insight.html",
        products=sorted(products, key=lambda one: (one["customers"] is None, one["title"])),
        most=MOST,
        struggling=parts.insights.how_many_struggle(),
        who_struggles=parts.insights.struggling()["customers"] if who.role in _KNOWING else None,
        fewest=parts.together.fewest,
    )


@router.post("/insight", dependencies=[CheckedForm])
async def again(parts: TheParts) -> Response:
    """Work it out now; it is done once a day anyway."""
    await reckon(parts.insights)
    return see("/insight?done=reckoned")


def _product(parts: Parts, name: str) -> dict[str, Any]:
    kept = parts.insights.of_product(name)
    product = parts.products[name]
    return kept | {
        "name": name,
        "title": product.title,
        "ranked": ranked(kept["differences"]),
        "curve": curve.curve(kept.get("curve") or []),
        "corrected": [one | {"title": title(one["setting"])} for one in kept.get("corrected", [])],
        "spreads": [
            (title(setting), f"{name}-{setting}-all", drawn)
            for setting, bars in (kept.get("spread") or {}).items()
            if (drawn := spread.spread([(b["text"], b["people"]) for b in bars], None, "people"))
        ],
        "plain": plain(name),
    }
