"""/api/devices: the units out there."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts, TheProfiles

router = APIRouter(prefix="/api/devices", tags=["devices"])


class NewDevice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=64)]
    product: Annotated[str, Field(max_length=64)]
    title: Annotated[str, Field(max_length=80)] | None = None


@router.get("")
async def devices(profiles: TheProfiles) -> Json:
    """All devices, and how each is."""
    return Json({"devices": profiles.list_devices()})


@router.post("", status_code=201)
async def register(parts: TheParts, asked: NewDevice) -> Json:
    """Let a device of a product speak to the hub. Its certificate comes from the factory."""
    parts.profiles.register(asked.id, asked.product, asked.title)
    if parts.broker:
        await parts.broker.admit(parts.profiles.device_names())
    return Json(parts.profiles.device(asked.id), 201)


@router.get("/{device}")
async def device(profiles: TheProfiles, device: Annotated[str, Path(max_length=64)]) -> Json:
    """One device: how it is, whom it knows, what there is to note."""
    return Json(profiles.device(device))
