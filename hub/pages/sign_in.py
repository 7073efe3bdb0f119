"""/sign-in, /sign-out, /start and /invitation: how a browser comes in, and leaves.

What does not fit is told by one sentence, whoever tried, and costs the same work.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from hub.access import passkeys, passwords
from hub.access.accounts import Account, check_name
from hub.access.oidc import FirmError
from hub.access.roles import HOME
from hub.access.who import ADMIN, CUSTOMER, Who
from hub.api.answers import Json, refusal
from hub.api.cookie import give, take
from hub.api.parts import CheckedForm, Parts, TheParts
from hub.errors import AskedError
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.paper import page, see

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
_AWAY = "rapport-firm"  # the state of a browser that is at the provider
_WORKERS = ThreadPoolExecutor(2, "passwords")  # each takes 19 MiB and a core
_NO_FIT = "That does not fit. Try again, or ask for a new invitation."
_OVER = "This link was used, or is too old; ask for another."


@router.get("/start/{token}")
async def start(parts: TheParts, request: Request, token: str) -> Response:
    """The link that lets a browser in, once."""
    session = parts.access.open(token)
    if session is None:
        parts.access.failed(_address(request))
        return refusal(401, "This link was used, or is too old; ask `rapport hub` for another.")
    who = parts.access.who(session)
    parts.access.close(session)
    return _come_in(request, who) if who else refusal(401, _OVER)


@router.get("/sign-in")
async def ask(parts: TheParts, request: Request) -> Response:
    return _form(parts, request, NO_TROUBLE)


@router.post("/sign-in")
async def sign_in(
    parts: TheParts, request: Request, name: Text = "", password: Text = ""
) -> Response:
    waits = _must_wait(parts, request, name)
    if waits:
        return _again(parts, request, 429, waits, name)
    account = parts.accounts.find(name)
    if not await _fits(account.password if account else None, password):
        return _again(parts, request, 401, _NO_FIT, name)
    assert account
    return _signed_in(parts, request, account)


@router.post("/sign-in/passkey/options")
async def passkey_options(parts: TheParts, request: Request) -> Response:
    return Response(parts.passkeys.to_prove(_origin(parts, request)), media_type=Json.media_type)


@router.post("/sign-in/passkey")
async def sign_in_by_passkey(parts: TheParts, request: Request, answer: dict[str, Any]) -> Response:
    handle, name = passkeys.owner(answer)
    waits = _must_wait(parts, request, handle)
    if waits:
        return refusal(429, waits)
    account = parts.accounts.by_handle(handle)
    kept = next((one for one in account.passkeys if one["id"] == name), None) if account else None
    if account is None or kept is None:
        return refusal(401, _NO_FIT)
    proved = parts.passkeys.proved(_origin(parts, request), answer, kept)
    rest = tuple(proved if one is kept else one for one in account.passkeys)
    parts.accounts.keep(account._replace(passkeys=rest))
    parts.access.names.forgive(handle.casefold())
    return _let_in(request, Json({"at": _home(account.who)}), account.who)


@router.get("/sign-in/firm")
async def go_to_firm(parts: TheParts, request: Request) -> Response:
    """To the provider of the firm, and back."""
    if parts.firm is None:
        raise HTTPException(404, "No provider is set; see RAPPORT_OIDC_ISSUER")
    try:
        address, state = await parts.firm.begin(_origin(parts, request))
    except FirmError as error:
        return refusal(403, str(error))
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https"  # not strict: the way back begins at another site
    answer.set_cookie(_AWAY, state, 600, secure=secure, httponly=True, samesite="lax")
    return answer


@router.get("/sign-in/firm/back")
async def back_from_firm(
    parts: TheParts, request: Request, state: str = "", code: str = ""
) -> Response:
    """Answers with a page that goes on by itself: a strict cookie comes with no other request."""
    kept = request.cookies.get(_AWAY, "")
    if parts.firm is None or not kept or not hmac.compare_digest(kept.encode(), state.encode()):
        return refusal(403, "This browser did not ask for that; sign in again.")
    try:
        who = await parts.firm.finish(_origin(parts, request), state, code)
    except FirmError as error:
        return refusal(403, str(error))
    answer = page(request, "sign_in_back.html", at=_home(who), name=who.name)
    answer.headers["Refresh"] = f"0; url={_home(who)}"
    answer.delete_cookie(_AWAY)
    return _let_in(request, answer, who)


@router.post("/sign-out", dependencies=[CheckedForm])
async def sign_out(request: Request) -> Response:
    return take(request, see("/sign-in"))


@router.get("/invitation/{token}")
async def invited(parts: TheParts, request: Request, token: str) -> Response:
    """The page on which somebody makes their account."""
    who = parts.access.invitations.who(token)
    return _invited(request, token, who, NO_TROUBLE) if who else _too_old(parts, request)


@router.post("/invitation/{token}")
async def accept(
    parts: TheParts, request: Request, token: str, name: Text = "", password: Text = ""
) -> Response:
    """With a password."""
    who = parts.access.invitations.who(token)
    if who is None:
        return _too_old(parts, request)
    try:
        named = _named(who, name)
        kept = passwords.check_password(password, named.name)
    except AskedError as error:
        return _invited(request, token, who, trouble("invitation", error, {"name": name}))
    made = await asyncio.get_running_loop().run_in_executor(_WORKERS, passwords.hashed, kept)
    _keep(parts, token, parts.accounts.begin(named)._replace(password=made))
    return _come_in(request, named)


@router.post("/invitation/{token}/passkey/options")
async def make_passkey(
    parts: TheParts, request: Request, token: str, said: dict[str, str]
) -> Response:
    who = parts.access.invitations.who(token)
    if who is None:
        return _too_old(parts, request)
    named = _named(who, said.get("name", ""))
    handle = parts.accounts.begin(named).handle
    options = parts.passkeys.to_make(_origin(parts, request), handle, named.name)
    return Response(options, media_type=Json.media_type)


@router.post("/invitation/{token}/passkey")
async def accept_passkey(
    parts: TheParts, request: Request, token: str, answer: dict[str, Any]
) -> Response:
    who = parts.access.invitations.who(token)
    if who is None:
        return _too_old(parts, request)
    named = _named(who, str(answer.pop("name", "")))
    passkey = parts.passkeys.made(_origin(parts, request), answer)
    _keep(parts, token, parts.accounts.begin(named)._replace(passkeys=(passkey,)))
    return _let_in(request, Json({"at": _home(named)}), named)


def _must_wait(parts: Parts, request: Request, name: str) -> str:
    """A sentence when it was tried too often, by this name or from there; else this try counts."""
    access, address, folded = parts.access, _address(request), name.strip().casefold()[:254]
    wait_s = max(access.addresses.wait_s(address), access.names.wait_s(folded))
    if wait_s:
        return f"Too many attempts; try again in {wait_s} seconds."
    access.addresses.count(address)
    access.names.count(folded)
    return ""


async def _fits(kept: str | None, password: str) -> bool:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_WORKERS, passwords.is_password, kept, password)


def _signed_in(parts: Parts, request: Request, account: Account) -> Response:
    parts.access.names.forgive(account.who.name.casefold())
    return _come_in(request, account.who)


def _come_in(request: Request, who: Who) -> Response:
    return _let_in(request, RedirectResponse(_home(who), 303), who)


def _let_in(request: Request, answer: Response, who: Who) -> Response:
    """With a session; of the staff it is written down that they came."""
    if who.role != CUSTOMER:
        request.app.state.parts.audit.write(who, "signed in")
    return give(request, answer, who)


def _again(parts: Parts, request: Request, status: int, sentence: str, name: str) -> Response:
    return _form(parts, request, Trouble("sign-in", status, "", sentence, {"name": name[:254]}))


def _form(parts: Parts, request: Request, wrong: Trouble) -> Response:
    firm = parts.firm.name if parts.firm else ""
    return page(request, "sign_in.html", wrong.status, trouble=wrong, firm=firm)


def _invited(request: Request, token: str, who: Who, wrong: Trouble) -> Response:
    return page(
        request, "sign_in_invited.html", wrong.status, token=token, invited=who, trouble=wrong
    )


def _keep(parts: Parts, token: str, account: Account) -> None:
    """The account is made; whoever was signed in by the one before is not any more."""
    parts.audit.write(account.who, "made an account", account.who.customer)
    parts.accounts.keep(account)
    parts.access.invitations.end(token)
    parts.access.close_all(account.who)


def _named(who: Who, name: str) -> Who:
    """The first administrator gives themselves a name; InvalidError for one that is none."""
    return who if who.name else Who(ADMIN, check_name(name))


def _too_old(parts: Parts, request: Request) -> Response:
    parts.access.failed(_address(request))
    return refusal(401, _OVER)


def _home(who: Who) -> str:
    return HOME.get(who.role, "/")


def _origin(parts: Parts, request: Request) -> str:
    return parts.public.of(request.url.netloc, request.url.scheme)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
