"""The files of the look: styles, scripts, icons. They hold no secret, so all may read them."""

import hashlib
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

PREFIX = "/static/"

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_WORKER = "mine-worker.js"  # may look after more than its own folder
_FILES = {
    path.name: (path.read_bytes(), _TYPES[path.suffix])
    for path in (Path(__file__).parent / "static").iterdir()
    if path.suffix in _TYPES
}


def answer(scope: Scope) -> Response:
    """The file named in the path, or 404; 304 if the browser has it already."""
    body, kind = _FILES.get(scope["path"].removeprefix(PREFIX), (None, ""))
    if body is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if scope["path"] == PREFIX + _WORKER:
        headers["Service-Worker-Allowed"] = "/mine"
    if Headers(scope=scope).get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
