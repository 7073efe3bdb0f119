"""/mine/data: taking everything away, and having it erased; the receipt tells of every copy."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Form, Path, Request
from starlette.responses import Response

from hub.access.who import Who
from hub.api.cookie import take
from hub.api.me import TheMe
from hub.api.parts import CheckedForm, TheParts
from hub.errors import InvalidError
from hub.pages import mine_words, paper
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.mine_paper import page
from hub.pages.paper import see
from hub.privacy.sheet import archive

router = APIRouter(include_in_schema=False, prefix="/mine")

Receipt = Annotated[str, Path(max_length=80)]


@router.get("/data")
async def data(request: Request, parts: TheParts, me: TheMe) -> Response:
    return page(request, parts, me, "mine/data.html")


@router.get("/export.json")
async def export(parts: TheParts, me: TheMe) -> Response:
    return _file(orjson.dumps(parts.histories.export(me.customer)), "application/json", "json")


@router.get("/export.zip")
async def tables(parts: TheParts, me: TheMe) -> Response:
    return _file(archive(parts.histories.export(me.customer)), "application/zip", "zip")


@router.get("/erase")
async def ask(request: Request, parts: TheParts, me: TheMe) -> Response:
    return _ask(request, parts, me)


@router.post("/erase", dependencies=[CheckedForm])
async def erase(
    request: Request, parts: TheParts, me: TheMe, name: Annotated[str, Form()] = ""
) -> Response:
    """Only when the name was typed. The receipt is the only way back to what became of it."""
    expected = parts.profiles.about(me.customer)["name"]
    if name.strip().casefold() != expected.casefold():
        error = InvalidError("name", f"name: type {expected} to be sure.")
        return _ask(request, parts, me, trouble("erase", error, {"name": name}))
    receipt = parts.erasures.begin(me.customer, me.name)
    parts.access.close_all(me)
    return take(request, see(f"/mine/receipt/{receipt}"))


@router.get("/receipt/{receipt}")
async def receipt(request: Request, parts: TheParts, receipt: Receipt) -> Response:
    """For whoever has its address, as nobody can sign in any more."""
    found = parts.erasures.receipt(receipt)
    names = {name: product.title for name, product in parts.products.items()}
    return paper.page(
        request,
        "mine/receipt.html",
        receipt=found,
        erased=sum(one["state"] == "erased" for one in found["copies"]),
        titles=names,
        mine=mine_words,
    )


@router.get("/receipt/{receipt}/file")
async def signed(parts: TheParts, receipt: Receipt) -> Response:
    """The same, signed: `rapport receipt check` tells whether a byte of it was changed."""
    found = orjson.dumps(parts.erasures.receipt(receipt), option=orjson.OPT_INDENT_2)
    return _file(found, "application/json", "receipt.json")


def _ask(request: Request, parts: TheParts, me: Who, wrong: Trouble = NO_TROUBLE) -> Response:
    return page(request, parts, me, "mine/erase.html", wrong)


def _file(content: bytes, kind: str, ending: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="rapport-of-mine.{ending}"'}
    return Response(content, media_type=kind, headers=named)
