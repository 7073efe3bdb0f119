"""/api/updates: new versions of the application, and how far each has come."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.devices.rollout import Plan

router = APIRouter(prefix="/api/updates", tags=["updates"])

Product = Annotated[str, Path(max_length=64)]
_Percent = Annotated[float, Field(ge=0, le=100)]
_Count = Annotated[int, Field(ge=1, le=10_000)]


class Stages(BaseModel):
    """What to change of a roll-out; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    percent: _Percent | None = None
    only: list[str] | None = None
    at_once: _Count | None = None
    stop_failed: _Count | None = None
    stop_percent: _Percent | None = None

    def said(self) -> dict[str, Any]:
        said = self.model_dump(exclude_none=True)
        return said | ({"only": tuple(said["only"])} if "only" in said else {})


@router.get("")
async def rollouts(parts: TheParts) -> Json:
    """The update of each product: its version, stages, state, and how many devices are where."""
    return Json({"updates": parts.updates.rollouts()})


@router.post("", status_code=201)
async def publish(
    parts: TheParts,
    request: Request,
    percent: Annotated[float, Query(ge=0, le=100)] = 100.0,
    only: Annotated[list[str] | None, Query()] = None,
    at_once: Annotated[int, Query(ge=1, le=10_000)] = 20,
    stop_failed: Annotated[int, Query(ge=1, le=10_000)] = 3,
    stop_percent: Annotated[float, Query(ge=0, le=100)] = 5.0,
) -> Json:
    """Roll out an update; the body is the bundle that `rapport ota sign` made."""
    plan = Plan(percent, tuple(only or ()), at_once, stop_failed, stop_percent)
    return Json(parts.updates.publish(await request.body(), plan), 201)


@router.get("/{product}")
async def rollout(parts: TheParts, product: Product) -> Json:
    """The update of a product, with every device that was asked: its state, and what went wrong."""
    return Json(parts.updates.rollout(product))


@router.post("/{product}/go")
async def go(parts: TheParts, product: Product, asked: Stages) -> Json:
    """Go on with it: after a stop, or to more devices."""
    return Json(parts.updates.go(product, **asked.said()))


@router.post("/{product}/stop")
async def stop(parts: TheParts, product: Product) -> Json:
    """Stop it: no device begins any more. Those that have it stay with it."""
    return Json(parts.updates.stop(product))
