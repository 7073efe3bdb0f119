"""/updates: how far the new version of each product has come, and stopping it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub.api.parts import CheckedForm, TheParts
from hub.api.updates import Product
from hub.devices.rollout import ENDED
from hub.pages.paper import page, see
from hub.pages.words import Word
from protocol.update import FAILURES

router = APIRouter(include_in_schema=False)

_MOST_SHOWN = 200
_WORDS = {
    "offered": Word("offered", "wait", "wait"),
    "fetching": Word("fetching", "wait", "wait"),
    "ready": Word("waits until nobody is there", "wait", "wait"),
    "trial": Word("on trial", "arrived", "know"),
    "done": Word("has it", "done", "good"),
    "stopped": Word("stopped", "pause"),
    "rolled_back": Word("rolled back", "warn", "stop"),
    "refused": Word("refused", "stop", "stop"),
    "failed": Word("failed", "stop", "stop"),
}


@router.get("/updates")
async def updates(request: Request, parts: TheParts) -> Response:
    return page(request, "updates.html", rollouts=parts.updates.rollouts(), states=_WORDS)


@router.get("/updates/{product}")
async def update(request: Request, parts: TheParts, product: Product) -> Response:
    """One of them: those that failed first, then those under way, then those that have it."""
    about = parts.updates.rollout(product)
    rows = sorted(about["devices"], key=_urgency)
    return page(
        request,
        "update.html",
        update=about,
        rows=rows[:_MOST_SHOWN],
        more=max(0, len(rows) - _MOST_SHOWN),
        states=_WORDS,
    )


@router.post("/updates/{product}/stop", dependencies=[CheckedForm])
async def stop(parts: TheParts, product: Product) -> Response:
    parts.updates.stop(product, "stopped at the desk")
    return see(f"/updates/{product}")


@router.post("/updates/{product}/go", dependencies=[CheckedForm])
async def go(parts: TheParts, product: Product) -> Response:
    parts.updates.go(product)
    return see(f"/updates/{product}")


def _urgency(row: dict) -> tuple[int, str]:
    state = row["state"]
    return 0 if state in FAILURES else 2 if state in ENDED else 1, row["id"]
