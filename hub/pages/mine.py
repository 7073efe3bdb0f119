"""/mine: what products know of a customer and why; changing it, and taking it back."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from hub.access.who import CUSTOMER, Who
from hub.api.me import TheMe, undo_own
from hub.api.parts import CheckedForm, TheParts
from hub.errors import AskedError, InvalidError
from hub.pages import mine_known
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.mine_paper import page
from hub.pages.paper import see
from hub.people.customer import MOST_EVENTS

router = APIRouter(include_in_schema=False, prefix="/mine")

Text = Annotated[str, Form()]
_MOST_LINES = 30  # of the history on one page
_MOST_LOOKS = 20
_NEWS_MS = 7 * 86_400_000
_BACK = {"history": "/mine/history"}


@router.get("")
async def mine(request: Request, parts: TheParts, me: TheMe) -> Response:
    return _known(request, parts, me)


@router.get("/history")
async def history(
    request: Request,
    parts: TheParts,
    me: TheMe,
    before: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
) -> Response:
    """Everything that happened and is kept, newest first."""
    every = parts.profiles.timeline(me.customer, MOST_EVENTS)
    ids = [line["id"] for line in every]
    first = ids.index(before) + 1 if before in ids else 0
    shown = every[first : first + _MOST_LINES]
    return page(
        request,
        parts,
        me,
        "mine/history.html",
        lines=[mine_known.told(line, me.name) for line in shown],
        older=shown[-1]["id"] if every[first + _MOST_LINES :] else None,
        is_newest=not first,
    )


@router.post("/wishes", dependencies=[CheckedForm])
async def wish(
    request: Request,
    parts: TheParts,
    me: TheMe,
    product: Text = "",
    setting: Text = "",
    value: Text = "",
    based_on: Text = "",
    let_go: Text = "",
) -> Response:
    """Ask for a value; let_go asks for none, so that it is decided from use again."""
    form = f"{product}-{setting}"
    wanted = None if let_go else value
    try:
        parts.profiles.wish(
            me.customer, product, setting, wanted, me.name, based_on=based_on, own=True
        )
    except AskedError as error:
        return _known(request, parts, me, trouble(form, error, {"value": value}))
    return see(f"/mine?done=asked&at={form}#{form}")


@router.post("/rules", dependencies=[CheckedForm])
async def rule(
    parts: TheParts, me: TheMe, product: Text = "", setting: Text = "", rule: Text = ""
) -> Response:
    parts.profiles.rule(me.customer, product, setting, rule, me.name)
    place = f"{product}-{setting}"
    return see(f"/mine?done={rule}&at={place}#{place}")


@router.post("/answers", dependencies=[CheckedForm])
async def answer(
    request: Request,
    parts: TheParts,
    me: TheMe,
    question: Text = "",
    answer: Text = "",
    refuse: Text = "",
) -> Response:
    """What the hub asked: an answer is a word of mine; who refuses is not asked that again."""
    if refuse:
        parts.questions.refuse(me.customer, question)
        return see("/mine?done=refused")
    try:
        parts.questions.answer(me.customer, question, answer)
    except InvalidError as error:
        return _known(request, parts, me, trouble("question", error, {"answer": answer}))
    return see("/mine?done=answered")


@router.post("/undo", dependencies=[CheckedForm])
async def undo(
    parts: TheParts, me: TheMe, event: Text = "", of: Text = "", back: Text = ""
) -> Response:
    undo_own(parts, me, int(event) if event.isdecimal() else 0, of)
    return see(f"{_BACK.get(back, '/mine')}?done=undone")


def _known(request: Request, parts: TheParts, me: Who, wrong: Trouble = NO_TROUBLE) -> Response:
    about = parts.profiles.about(me.customer)
    products = mine_known.products(parts, about)
    return page(
        request,
        parts,
        me,
        "mine/known.html",
        wrong,
        about=about,
        products=products,
        question=parts.questions.open_for(me.customer),
        look=_last_look(parts, me),
    )


def _last_look(parts: TheParts, me: Who) -> dict[str, Any] | None:
    """The newest time somebody of the firm looked, while it is news."""
    since_ms = parts.clock() - _NEWS_MS
    return next(
        (
            one
            for one in parts.audit.about(me.customer, _MOST_LOOKS)
            if one["role"] != CUSTOMER and one["at_ms"] > since_ms
        ),
        None,
    )
