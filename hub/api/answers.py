"""How the API answers: JSON, and a sentence for whatever is wrong."""

from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hub.errors import AskedError, ConflictError, InvalidError, UnknownError
from hub.store import StaleError, StoreError

_STATUS: dict[type[AskedError], int] = {UnknownError: 404, ConflictError: 409, InvalidError: 422}


class Json(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def refusal(status: int, sentence: str, field: str | None = None, **headers: str) -> Json:
    """What is wrong, and with which field."""
    content = {"error": sentence} | ({"field": field} if field else {})
    return Json(content, status, headers={n.replace("_", "-"): headers[n] for n in headers})


def answer_errors(app: FastAPI) -> None:
    """From here on every error that a request can cause is answered by a sentence."""
    app.add_exception_handler(AskedError, _asked)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreError, _full)
    app.add_exception_handler(StaleError, _stale)


async def _asked(request: Request, error: Exception) -> Response:
    status = next((_STATUS[kind] for kind in _STATUS if isinstance(error, kind)), 400)
    return refusal(status, str(error), getattr(error, "field", None))


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    places = [str(place) for place in first["loc"] if place not in ("body", "query", "path")]
    if first["type"] == "json_invalid":
        return refusal(422, "The body is not JSON.")
    field = ".".join(places) or "body"
    said = first["msg"].removeprefix("Value error, ")[:200]
    return refusal(422, f"{field}: {said[:1].lower()}{said[1:]}.", field)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Json({"error": f"{error.detail}."}, error.status_code, error.headers)


async def _full(request: Request, error: Exception) -> Response:
    return refusal(503, f"Nothing was changed: {error}.")


async def _stale(request: Request, error: Exception) -> Response:
    raise error  # hub/api/again.py
