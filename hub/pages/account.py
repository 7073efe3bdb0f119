"""/account and /mine/account: another passkey for who is signed in, so that one may be lost.

Whoever finds a browser left open must not let themselves in for good: it is made only a few minutes
after signing in.
"""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from hub.access import passkeys
from hub.access.accounts import Account
from hub.access.who import CUSTOMER, Who
from hub.api.answers import Json
from hub.api.me import TheMe
from hub.api.parts import Parts, TheParts, TheWho
from hub.errors import ConflictError, UnknownError
from hub.pages import mine_paper, paper

router = APIRouter(include_in_schema=False)

_AT = "/api/account/passkeys"
_STALE = "Sign out and in again, then make it: that was more than ten minutes ago"
_NO_ACCOUNT = "You came without an account of this hub, so that it keeps no passkey of yours."


@router.get("/account")
async def account(parts: TheParts, request: Request, who: TheWho) -> Response:
    return paper.page(request, "account.html", who=who, **_known(parts, request, who))


@router.get("/mine/account")
async def mine(parts: TheParts, request: Request, me: TheMe) -> Response:
    known = _known(parts, request, me)
    return mine_paper.page(request, parts, me, "mine/account.html", **known)


@router.post(f"{_AT}/options")
async def options(parts: TheParts, request: Request, who: TheWho) -> Response:
    has = _ready(parts, request, who)
    origin = parts.public.of(request.url.netloc, request.url.scheme)
    asked = parts.passkeys.to_make(origin, has.handle, who.name, has.passkeys)
    return Response(asked, media_type=Json.media_type)


@router.post(_AT)
async def add(parts: TheParts, request: Request, who: TheWho, answer: dict[str, Any]) -> Response:
    has = _ready(parts, request, who)
    origin = parts.public.of(request.url.netloc, request.url.scheme)
    made = parts.passkeys.made(origin, answer)
    parts.audit.write(who, "made another passkey", who.customer)
    parts.accounts.keep(has._replace(passkeys=(*has.passkeys, made)))
    page = "/mine/account" if who.role == CUSTOMER else "/account"
    return Json({"at": f"{page}?done=passkey"})


def _known(parts: Parts, request: Request, who: Who) -> dict[str, Any]:
    """count: of passkeys, None without an account. fresh: whether another may be made now."""
    has = parts.accounts.of(who)
    return {
        "count": len(has.passkeys) if has else None,
        "password": bool(has and has.password),
        "most": passkeys.MOST,
        "fresh": parts.access.is_fresh(request.state.session),
    }


def _ready(parts: Parts, request: Request, who: Who) -> Account:
    """The account that may have another now. Raises UnknownError, ConflictError, HTTPException."""
    has = parts.accounts.of(who)
    if has is None:
        raise UnknownError(_NO_ACCOUNT)
    if len(has.passkeys) >= passkeys.MOST:
        raise ConflictError(f"You have {passkeys.MOST} passkeys; that is the most.")
    if not parts.access.is_fresh(request.state.session):
        raise HTTPException(403, _STALE)
    return has
