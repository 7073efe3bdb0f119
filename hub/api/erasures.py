"""/api/receipts: what became of every copy of somebody who was erased; and how one begins.

A receipt is read by whoever has its id, which only the person was given: nobody signs in who is
gone.
"""

from typing import Annotated

from fastapi import APIRouter, Path

from hub.api.answers import Json
from hub.api.parts import TheParts, TheWho

router = APIRouter(prefix="/api", tags=["erasures"])

Id = Annotated[str, Path(max_length=64)]


@router.post("/customers/{customer}/erasures", status_code=201)
async def begin(parts: TheParts, who: TheWho, customer: Id) -> Json:
    """Erase a customer, here and at every device; the answer is the receipt. Nothing undoes it."""
    return Json(parts.erasures.receipt(parts.erasures.begin(customer, who.name)), 201)


@router.get("/receipts/key")
async def key(parts: TheParts) -> Json:
    """By what key this hub signs its receipts, for `rapport receipt check`."""
    return Json(parts.erasures.key())


@router.get("/receipts/{receipt}")
async def receipt(parts: TheParts, receipt: Id) -> Json:
    """A receipt as of now, signed; open until the last device has confirmed."""
    return Json(parts.erasures.receipt(receipt))


@router.post("/devices/{device}/lost")
async def lost(parts: TheParts, device: Id) -> Json:
    """A device is lost for good: no receipt waits for it any more."""
    return Json({"lost": device, "receipts": parts.erasures.write_off(device)})
