"""What all pages of a customer have: whose they are, the tabs, and a word on what was done."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from hub.access.who import Who
from hub.api.me import own_names
from hub.api.parts import Parts
from hub.pages import mine_known, mine_words, paper
from hub.pages.forms import NO_TROUBLE, Trouble

_TABS = (
    ("/mine", "Known", "person"),
    ("/mine/history", "History", "wait"),
    ("/mine/choices", "Choices", "choices"),
    ("/mine/home", "Home", "home"),
    ("/mine/data", "Data", "data"),
)
_HERE = {
    "mine/known.html": "/mine",
    "mine/history.html": "/mine/history",
    "mine/choices.html": "/mine/choices",
    "mine/home.html": "/mine/home",
    "mine/data.html": "/mine/data",
}
_UNDOABLE = {"asked": "wish", "learn": "ruled", "frozen": "ruled", "paused": "ruled"}


def page(
    request: Request,
    parts: Parts,
    me: Who,
    template: str,
    trouble: Trouble = NO_TROUBLE,
    **context: Any,
) -> Response:
    """A page of mine; `about` is what is known of me, `done` what was done last.

    at: where on it something was done just now, so that the word on it stands there.
    """
    about = context.pop("about", None) or parts.profiles.about(me.customer)
    here = _HERE.get(template, request.url.path)
    did = request.query_params.get("done", "")
    done = mine_known.done(about["timeline"], me.name)
    return paper.page(
        request,
        template,
        trouble.status,
        me=me,
        about=about,
        names=sorted(own_names(parts, me)),
        done=done,
        tabs=_TABS,
        mine=mine_words,
        trouble=trouble,
        here=here,
        url=_again(request, here),
        at=request.query_params.get("at", ""),
        notice=mine_words.NOTICES.get(did, ""),
        just_done=next((one for one in done if one["kind"] == _UNDOABLE.get(did)), None),
        **context,
    )


def _again(request: Request, here: str) -> str:
    """Where the page is found again: not at the form that could not be taken."""
    if request.method != "GET":
        return here
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
