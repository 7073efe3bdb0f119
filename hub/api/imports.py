"""/api/imports: somebody brings along what another hub gave them."""

import orjson
from fastapi import APIRouter, Request

from hub.api.answers import Json
from hub.api.parts import TheParts
from hub.errors import InvalidError

router = APIRouter(prefix="/api/imports", tags=["imports"])


@router.post("", status_code=201)
async def take(parts: TheParts, request: Request) -> Json:
    """Take in an export, the body as it is; the customer's new id, and the digest to compare."""
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise InvalidError("file", "file: this is no JSON.") from None
    customer = parts.imports.take(document)
    return Json({"id": customer, "digest": parts.histories.export(customer)["digest"]}, 201)
