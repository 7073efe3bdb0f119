"""/api/devices: the units out there."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts, TheProfiles
from hub.devices.deliveries import CHALLENGE_MS

router = APIRouter(prefix="/api/devices", tags=["devices"])


Id = Annotated[str, Path(max_length=64)]
Customer = Annotated[str, Field(max_length=40)]


class NewDevice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=64)]
    product: Annotated[str, Field(max_length=64)]
    title: Annotated[str, Field(max_length=80)] | None = None


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customer: Customer
    code: Annotated[str, Field(max_length=40)]
    receipt: Annotated[str, Field(max_length=64)]


class Claimant(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customer: Customer


@router.get("")
async def devices(profiles: TheProfiles, q: Annotated[str, Query(max_length=100)] = "") -> Json:
    """Devices by part of an id, title or product, and how each is; 200 at most."""
    return Json({"devices": profiles.list_devices(q)})


@router.post("", status_code=201)
async def register(parts: TheParts, asked: NewDevice) -> Json:
    """Let a device of a product speak to the hub. Its certificate comes from the factory."""
    parts.profiles.register(asked.id, asked.product, asked.title)
    if parts.broker:
        await parts.broker.admit(parts.profiles.device_names())
    return Json(parts.profiles.device(asked.id), 201)


@router.post("/manifests", status_code=201)
async def take(parts: TheParts, request: Request) -> Json:
    """Take in the devices of a manifest that a factory signed; the body is the file as it is."""
    taken = parts.deliveries.take(await request.body())
    if parts.broker:
        parts.broker.trust(parts.deliveries.lines)
        await parts.broker.admit(parts.profiles.device_names())
    return Json(taken, 201)


@router.post("/{device}/challenge", status_code=201)
async def challenge(parts: TheParts, device: Id, asked: Claimant) -> Json:
    """What the customer's phone has to ask the device, so that it can be claimed."""
    challenge = parts.deliveries.challenge(asked.customer, device)
    return Json({"challenge": challenge, "seconds": CHALLENGE_MS // 1000}, 201)


@router.post("/{device}/claim", status_code=201)
async def claim(parts: TheParts, device: Id, asked: Claim) -> Json:
    """Make a device somebody's, by the code on its label and a press on it. 409 if it is."""
    parts.deliveries.claim(asked.customer, device, asked.code, asked.receipt)
    return Json({"claimed": device}, 201)


@router.post("/{device}/reset")
async def reset(parts: TheParts, device: Id) -> Json:
    """A device was reset to what it was when it left the factory: it can be claimed again."""
    parts.deliveries.reset(device)
    return Json({"reset": device})


@router.get("/{device}")
async def device(profiles: TheProfiles, device: Id) -> Json:
    """One device: how it is, whom it knows, what there is to note."""
    return Json(profiles.device(device))
