"""/api/me: what a customer agreed to, who looked, how they want it; taking it, having it gone."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.customers import Id
from hub.api.me import Name, TheMe
from hub.api.parts import TheParts
from hub.devices.deliveries import CHALLENGE_MS
from hub.errors import InvalidError

router = APIRouter(prefix="/api/me", tags=["me"])

_MOST_LOOKS = 100
Which = Annotated[str, Path(max_length=64)]
Words = Annotated[str, Field(max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Consent(_Body):
    purpose: Name
    given: bool


class Preference(_Body):
    value: Words


class Answer(_Body):
    """answer: null for who would rather not say."""

    answer: Words | None


class Claim(_Body):
    code: Annotated[str, Field(max_length=40)]
    receipt: Name


class Erasure(_Body):
    """name: my own, so that nobody is erased by mistake."""

    name: Annotated[str, Field(max_length=80)]


@router.get("/consents")
async def consents(parts: TheParts, me: TheMe) -> Json:
    """What I agreed to, by purpose, and which devices have not heard of it yet."""
    return Json({"consents": parts.consents.of(me.customer)})


@router.post("/consents", status_code=201)
async def consent(parts: TheParts, me: TheMe, asked: Consent) -> Json:
    """I agree to a purpose, or no more."""
    parts.consents.say(me.customer, asked.purpose, asked.given, me.name)
    return Json({"consents": parts.consents.of(me.customer)}, 201)


@router.get("/looked")
async def looked(parts: TheParts, me: TheMe) -> Json:
    """Who of the firm looked at what is known of me, or changed it, and why; newest first."""
    return Json({"looked": parts.audit.about(me.customer, _MOST_LOOKS)})


@router.get("/preferences")
async def preferences(parts: TheParts, me: TheMe) -> Json:
    """How often and when I may be contacted, and how."""
    return Json({"preferences": parts.preferences.of(me.customer)})


@router.put("/preferences/{name}")
async def prefer(parts: TheParts, me: TheMe, name: Which, asked: Preference) -> Json:
    """I say how I want it."""
    parts.preferences.say(me.customer, name, asked.value, me.name)
    return Json({"preferences": parts.preferences.of(me.customer)})


@router.get("/question")
async def question(parts: TheParts, me: TheMe) -> Json:
    """What the hub asks me now; null for nothing."""
    return Json({"question": parts.questions.open_for(me.customer)})


@router.post("/question/{question}", status_code=201)
async def answer(parts: TheParts, me: TheMe, question: Which, asked: Answer) -> Json:
    """My answer is what I said; who would rather not say is not asked again."""
    if asked.answer is None:
        parts.questions.refuse(me.customer, question)
    else:
        parts.questions.answer(me.customer, question, asked.answer)
    return Json({"question": question}, 201)


@router.get("/export")
async def export(parts: TheParts, me: TheMe) -> Json:
    """Everything kept of me, in the shape of hub/privacy/export.schema.json."""
    return Json(parts.histories.export(me.customer))


@router.get("/credential")
async def credential(parts: TheParts, me: TheMe) -> Json:
    """The secrets of my own companion app."""
    return Json(parts.profiles.credential(me.customer))


@router.post("/devices/{device}/challenge", status_code=201)
async def challenge(parts: TheParts, me: TheMe, device: Id) -> Json:
    """What my phone has to ask the device, so that it becomes mine."""
    made = parts.deliveries.challenge(me.customer, device)
    return Json({"challenge": made, "seconds": CHALLENGE_MS // 1000}, 201)


@router.post("/devices/{device}/claim", status_code=201)
async def claim(parts: TheParts, me: TheMe, device: Id, asked: Claim) -> Json:
    """It is mine, by the code on its label and a press on it. 409 if it is somebody's."""
    parts.deliveries.claim(me.customer, device, asked.code, asked.receipt)
    return Json({"claimed": device}, 201)


@router.post("/erasure", status_code=201)
async def erase(parts: TheParts, me: TheMe, asked: Erasure) -> Json:
    """Everything known of me is erased, here and on every device: the id of the receipt."""
    expected = parts.profiles.about(me.customer)["name"]
    if asked.name.strip().casefold() != expected.casefold():
        raise InvalidError("name", f"name: {expected} is wanted, to be sure.")
    receipt = parts.erasures.begin(me.customer, me.name)
    parts.access.close_all(me)
    return Json({"receipt": receipt}, 201)
