"""/api/customers: people, what products know of them, and what they ask for."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from hub.access.cases import covered
from hub.api.answers import Json
from hub.api.parts import TheParts, TheProfiles, TheWho

router = APIRouter(prefix="/api/customers", tags=["customers"])

Id = Annotated[str, Path(max_length=40)]
_LONGEST_VALUE = 100
Name = Annotated[str, Field(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewCustomer(_Body):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    email: Annotated[str, Field(max_length=254)] | None = None


class Device(_Body):
    device: Name


def plain_value(value: Any) -> Any:
    """A value of a wish as it came; ValueError for what no setting can be."""
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        raise ValueError(f"at most {_LONGEST_VALUE} letters are wanted")
    if not isinstance(value, bool | int | float | str | None):
        raise ValueError("a number, a text, true, false or null is wanted")
    return value


class Wish(_Body):
    """value: as the product shows it; null lets go of what was asked. own: for themselves."""

    product: Name
    setting: Name
    value: Any
    by: Name
    reason: Annotated[str, Field(max_length=200)] = ""
    based_on: Annotated[str, Field(max_length=100)] | None = None
    own: bool = False

    _plain = field_validator("value")(plain_value)


class Rule(_Body):
    product: Name
    setting: Name
    rule: Name
    by: Name = "support"


@router.get("")
async def search(
    profiles: TheProfiles, who: TheWho, q: Annotated[str, Query(max_length=100)] = ""
) -> Json:
    """Customers by part of a name, e-mail or device id; 50 at most."""
    return Json({"customers": covered(who, profiles.search(q))})


@router.post("", status_code=201)
async def welcome(profiles: TheProfiles, asked: NewCustomer) -> Json:
    """Begin to remember someone who agreed to it."""
    return Json({"id": profiles.welcome(asked.name, asked.email)}, 201)


@router.get("/{customer}")
async def about(profiles: TheProfiles, customer: Id) -> Json:
    """Everything known of a customer, each value with its source, author, time and reason."""
    return Json(profiles.about(customer))


@router.delete("/{customer}")
async def forget(parts: TheParts, who: TheWho, customer: Id) -> Json:
    """Forget a customer, here and on every device; receipt: see /api/receipts/<id>."""
    receipt = parts.erasures.begin(customer, who.name)
    return Json({"forgotten": customer, "receipt": receipt})


@router.get("/{customer}/timeline")
async def timeline(
    profiles: TheProfiles,
    customer: Id,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int, Query(ge=1, le=1 << 53)] | None = None,
) -> Json:
    """What happened, newest first; `before` is the id of the oldest entry seen."""
    return Json({"timeline": profiles.timeline(customer, limit, before)})


@router.get("/{customer}/credential")
async def credential(profiles: TheProfiles, customer: Id) -> Json:
    """The secrets of the customer's own companion app: to be handed over and not kept."""
    return Json(profiles.credential(customer))


@router.post("/{customer}/devices", status_code=201)
async def link(profiles: TheProfiles, customer: Id, asked: Device) -> Json:
    """Let a device recognise this customer."""
    profiles.link(customer, asked.device)
    return Json({"linked": asked.device}, 201)


@router.delete("/{customer}/devices/{device}")
async def unlink(profiles: TheProfiles, customer: Id, device: Id) -> Json:
    """Let a device forget this customer."""
    profiles.unlink(customer, device)
    return Json({"unlinked": device})


@router.post("/{customer}/wishes", status_code=201)
async def wish(profiles: TheProfiles, customer: Id, asked: Wish) -> Json:
    """Ask for a value at every device of a product. 409 if it is not based on what stands."""
    number = profiles.wish(
        customer,
        asked.product,
        asked.setting,
        asked.value,
        by=asked.by,
        reason=asked.reason,
        based_on=asked.based_on,
        own=asked.own,
    )
    return Json({"id": number, "state": "queued"}, 201)


@router.get("/{customer}/wishes/{number}")
async def wished(
    profiles: TheProfiles, customer: Id, number: Annotated[int, Path(ge=1, le=1 << 53)]
) -> Json:
    """A wish, and how far it has come: queued, delivered, applied, limited, refused, ..."""
    return Json(profiles.wished(customer, number))


@router.post("/{customer}/rules", status_code=201)
async def rule(profiles: TheProfiles, customer: Id, asked: Rule) -> Json:
    """Decide about the learning of a setting: learn, frozen, paused or forget."""
    profiles.rule(customer, asked.product, asked.setting, asked.rule, asked.by)
    return Json({"setting": asked.setting, "rule": asked.rule}, 201)
