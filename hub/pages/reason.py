"""/customers/<id>/reason: support says why it looks, sees how devices are, then more if it must.

A reason is good for half an hour. The customer sees it on their own page from then on.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from hub.access.cases import OFFERED, Case, check_reason
from hub.access.who import SUPPORT
from hub.api.customers import Id
from hub.api.parts import CheckedForm, Parts, TheParts, TheWho
from hub.errors import AskedError
from hub.pages.forms import NO_TROUBLE, Trouble, trouble
from hub.pages.paper import page, see
from hub.privacy.consent import SUPPORT as SUPPORT_PURPOSE

router = APIRouter(include_in_schema=False, prefix="/customers/{customer}")

Text = Annotated[str, Form()]


@router.get("/reason")
async def ask(parts: TheParts, request: Request, who: TheWho, customer: Id) -> Response:
    case = parts.cases.of(request.state.session, customer)
    if who.role != SUPPORT or (case and not case.masked):
        return see(f"/customers/{customer}")
    return _masked(parts, request, customer, case, NO_TROUBLE)


@router.post("/reason", dependencies=[CheckedForm])
async def state(
    parts: TheParts,
    request: Request,
    who: TheWho,
    customer: Id,
    reason: Text = "",
    other: Text = "",
) -> Response:
    """other: in own words, instead of one of those offered."""
    said = other.strip() or reason
    try:
        said = check_reason(said)
    except AskedError as error:
        typed = {"reason": reason, "other": other}
        return _masked(parts, request, customer, None, trouble("reason", error, typed))
    parts.profiles.about(customer)  # nobody states a reason for nobody
    parts.audit.write(who, "said why", customer, said)
    parts.cases.open(request.state.session, customer, said)
    parts.changed("customer", customer)
    return see(f"/customers/{customer}/reason")


@router.post("/unmask", dependencies=[CheckedForm])
async def unmask(parts: TheParts, request: Request, who: TheWho, customer: Id) -> Response:
    """Name, address and values are shown from here on, until the half hour is over."""
    if not parts.consents.may(customer, SUPPORT_PURPOSE):
        raise HTTPException(403, "This customer does not want support to look")
    case = parts.cases.of(request.state.session, customer)
    if case:
        parts.audit.write(who, "asked to see everything", customer, case.reason)
        parts.cases.unmask(request.state.session, customer)
    return see(f"/customers/{customer}")


@router.post("/close", dependencies=[CheckedForm])
async def close(parts: TheParts, request: Request, customer: Id) -> Response:
    parts.cases.close(request.state.session, customer)
    return see("/")


def _masked(
    parts: Parts, request: Request, customer: str, case: Case | None, wrong: Trouble
) -> Response:
    about = parts.profiles.about(customer)
    return page(
        request,
        "unmask.html",
        wrong.status,
        customer=customer,
        devices=about["devices"],
        settings=_counts(about),
        case=case,
        offered=OFFERED,
        wanted=parts.consents.may(customer, SUPPORT_PURPOSE),
        trouble=wrong,
    )


def _counts(about: dict[str, Any]) -> dict[str, int]:
    """{product: how many settings it has}; not which values."""
    names = [one["product"] for one in about["settings"]]
    return {name: names.count(name) for name in dict.fromkeys(names)}
