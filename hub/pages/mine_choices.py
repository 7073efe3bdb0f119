"""/mine/choices: what a customer agrees to, how they want to be dealt with, and who looked."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from hub.access.who import CUSTOMER, Who
from hub.api.me import TheMe
from hub.api.parts import CheckedForm, TheParts
from hub.errors import AskedError
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.mine_paper import page
from hub.pages.near import MODES
from hub.pages.paper import see

router = APIRouter(include_in_schema=False, prefix="/mine")

Text = Annotated[str, Form()]
_MOST_LOOKS = 20


@router.get("/choices")
async def choices(request: Request, parts: TheParts, me: TheMe) -> Response:
    return _choices(request, parts, me)


@router.post("/consents", dependencies=[CheckedForm])
async def agree(parts: TheParts, me: TheMe, purpose: Text = "", yes: Text = "") -> Response:
    parts.consents.say(me.customer, purpose, yes == "1", me.name)
    did, place = "agreed" if yes == "1" else "withdrawn", f"agree-{purpose}"
    return see(f"/mine/choices?done={did}&at={place}#{place}-switch")  # the focus stays on it


@router.post("/preferences", dependencies=[CheckedForm])
async def prefer(request: Request, parts: TheParts, me: TheMe) -> Response:
    """What was changed on the form is said; what cannot be taken stands there with its sentence."""
    form = await request.form()
    typed = {name: text for name, text in form.items() if isinstance(text, str)}
    try:
        for one in parts.preferences.of(me.customer):
            text = typed.get(one["name"])
            if text is not None and text.strip() != one["value"]:
                parts.preferences.say(me.customer, one["name"], text, me.name)
    except AskedError as error:
        return _choices(request, parts, me, trouble("preferences", error, typed))
    return see("/mine/choices?done=saved&at=preferences#preferences")


def _choices(request: Request, parts: TheParts, me: Who, wrong: Trouble = NO_TROUBLE) -> Response:
    looks = parts.audit.about(me.customer, _MOST_LOOKS)
    return page(
        request,
        parts,
        me,
        "mine/choices.html",
        wrong,
        consents=parts.consents.of(me.customer),
        preferences=parts.preferences.of(me.customer),
        looks=[one for one in looks if one["role"] != CUSTOMER],
        modes=MODES,
    )
