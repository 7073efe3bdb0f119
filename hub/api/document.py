"""/api/openapi.json: the API for programs that want to read it; /.well-known/security.txt."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import PlainTextResponse, Response

from hub.api.answers import Json
from hub.api.parts import TheParts

router = APIRouter(include_in_schema=False)

_GOOD_FOR = timedelta(days=365)


@router.get("/api/openapi.json")
async def document(request: Request) -> Json:
    return Json(request.app.openapi())


@router.get("/.well-known/security.txt")
async def security(parts: TheParts) -> Response:
    """Where to report a weakness: RFC 9116."""
    if not parts.public.security_contact:
        raise HTTPException(404, "No contact is set; see RAPPORT_SECURITY_CONTACT")
    now = datetime.fromtimestamp(parts.clock() / 1000, UTC)
    ends = (now + _GOOD_FOR).isoformat(timespec="seconds")
    lines = f"Contact: {parts.public.security_contact}\nExpires: {ends}\nPreferred-Languages: en\n"
    return PlainTextResponse(lines)
