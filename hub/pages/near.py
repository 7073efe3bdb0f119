"""/near: a page that speaks with a device near by, over the browser's own Bluetooth.

All that is private happens between browser and device (static/meeting.js); the hub gives the page,
what things are called, and the key of the person whose phone this is.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub.access.who import CUSTOMER, Who
from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.pages import mine_paper, words
from hub.pages.paper import page
from protocol.events import SOURCE_NAMES
from protocol.rules import FORGET, FROZEN, LEARN, PAUSED

router = APIRouter(include_in_schema=False)

_RULES = (
    (LEARN, "Learn it", "from what I do, as usual."),
    (FROZEN, "Keep it so", "whatever anybody sets by hand."),
    (PAUSED, "Not any more", "and use what is usual for everyone."),
    (FORGET, "Forget", "what was learned of it, and begin again."),
)
MODES = (
    ("stranger", "It does not recognise you and keeps nothing more. You can still connect."),
    ("local", "It remembers you, and tells nobody: neither the hub nor your other devices."),
    ("full", "It remembers you, and so do your other devices. What it kept to itself gives way."),
)


@router.get("/near")
async def near(
    request: Request,
    parts: TheParts,
    customer: Annotated[str, Query(max_length=40, pattern="^[a-z0-9-]*$")] = "",
) -> Response:
    """The page; customer: whose key it takes from the hub, without one it has to be pasted.

    A customer's is their own, whatever the address says.
    """
    who: Who | None = request.state.who
    modes = [(number, title, text) for number, (title, text) in enumerate(MODES)]
    known = {"rules": _RULES, "modes": modes}
    if who and who.role == CUSTOMER:
        known |= {"base": "mine/page.html", "key": "/api/me/credential"}
        return mine_paper.page(request, parts, who, "near.html", **known)
    key = f"/api/customers/{customer}/credential" if customer else ""
    return page(request, "near.html", base="page.html", key=key, **known)


@router.get("/near/words")
async def said(parts: TheParts) -> Json:
    """What a device's codes and indexes are to people."""
    products = {
        name: {"title": product.title, "settings": [_setting(one) for one in product.settings]}
        for name, product in parts.products.items()
    }
    sources = [words.source(name)._asdict() for name in SOURCE_NAMES]
    modes = [{"title": title, "text": text} for title, text in MODES]
    return Json({"products": products, "sources": sources, "modes": modes})


def _setting(setting: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": words.title(setting.name),
        "kind": setting.kind,
        "low": setting.low,
        "high": setting.high,
        "step": getattr(setting, "step", 1),
        "unit": setting.unit,
        "retired": setting.retired,
    }
    if setting.kind in ("choice", "switch"):
        codes = range(setting.low, setting.high + 1)
        shown["options"] = [words.typed(setting.show(code)) for code in codes]
    return shown
