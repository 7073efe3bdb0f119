"""May this one ask this? Said for every route, after it is found and before it begins.

hub/access/roles.py says which roles; support also states a reason, and what is looked at or changed
is written down first. Whatever did not pass here is not answered: see hub/api/edge.py.
"""

from fastapi import HTTPException, Request

from hub.access.cases import Case, check_reason
from hub.access.roles import HOUSEHOLD, Row, row_of
from hub.access.who import CUSTOMER, SUPPORT, Who
from hub.errors import InvalidError, UnknownError
from hub.privacy import consent

NOT_SIGNED_IN = "Sign in, open the link that `rapport hub` shows, or send the staff key"
_STATING = ("reason", "unmask", "close")  # how a case is opened needs none


async def permit(request: Request) -> None:
    """A dependency of the whole app. state.case: the case that support opened, or None."""
    template = request.scope["route"].path
    row, who = row_of(request.method, template), request.state.who
    request.state.case = None
    if row is None:
        raise HTTPException(403, "Nobody may ask this yet: it has no row in hub/access/roles.py")
    if who is None and not row.everybody:
        raise HTTPException(401, NOT_SIGNED_IN, {"WWW-Authenticate": "Bearer"})
    if who is not None:
        _check_role(request, row, who)
        _count_export(request, template, who)
        _write(request, row, who, _reason(request, template, who))
    request.scope["state"]["permitted"] = True


def _check_role(request: Request, row: Row, who: Who) -> None:
    if row.everybody or who.role in row.roles:
        return
    if HOUSEHOLD in row.roles and who.role == CUSTOMER and _owns(request, who):
        return
    raise HTTPException(403, f"This is not for {who.role}s")


def _owns(request: Request, who: Who) -> bool:
    """Is this customer the owner of the route's device?"""
    device = request.path_params.get("device", "")
    try:
        members = request.app.state.parts.household.members(device)
    except UnknownError:
        return False
    return any(one["id"] == who.customer and one["role"] == "owner" for one in members)


def _reason(request: Request, template: str, who: Who) -> str:
    """Why somebody looks at a customer; refused where support has not said it."""
    said = request.headers.get("x-reason", "")
    customer = request.path_params.get("customer")
    if customer is None or template.rpartition("/")[2] in _STATING:
        return ""
    if who.role != SUPPORT:
        return _header(said) if said else ""
    if not request.app.state.parts.consents.may(customer, consent.SUPPORT):
        _refuse(request, customer, "This customer does not want support to look")
    if said:
        return _header(said)
    case: Case | None = request.app.state.parts.cases.of(request.state.session, customer)
    if case is None or case.masked:
        page = f"/customers/{customer}/reason"
        sentence = f"Say why, in the header X-Reason or on {page}; it holds 30 minutes"
        _refuse(request, customer, sentence)
    assert case
    request.state.case = case
    return case.reason


def _header(said: str) -> str:
    try:
        return check_reason(said)
    except InvalidError as error:
        raise HTTPException(422, f"X-Reason: {error}".rstrip(".")) from None


def _refuse(request: Request, customer: str, sentence: str) -> None:
    """To where a reason is stated and devices are seen all the same, who asked for a page."""
    if request.method == "GET" and not request.url.path.startswith("/api/"):
        request.scope["state"]["permitted"] = True  # to be sent there
        raise HTTPException(303, sentence, {"Location": f"/customers/{customer}/reason"})
    raise HTTPException(403, sentence)


def _count_export(request: Request, template: str, who: Who) -> None:
    """By a browser, so many an hour: an export is much at once."""
    if "/export" not in template or not request.state.session:
        return
    exports = request.app.state.parts.access.exports
    name = f"{template} {request.path_params.get('customer', who.customer)}"
    wait_s = exports.wait_s(name)
    if wait_s:
        sentence = f"There were two exports within the hour; the next is possible in {wait_s} s"
        raise HTTPException(429, sentence, {"Retry-After": str(wait_s)})
    exports.count(name)


def _write(request: Request, row: Row, who: Who, reason: str) -> None:
    if not row.what or who.role == CUSTOMER:
        return
    audit, customer = request.app.state.parts.audit, request.path_params.get("customer", "")
    write = audit.look if request.method == "GET" else audit.write
    write(who, row.what, customer, reason)
