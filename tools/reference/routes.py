"""docs: every route of the hub's API, from its OpenAPI document."""

from typing import Any

from fastapi import FastAPI

from hub.access.door import Access
from hub.api.parts import Parts
from hub.app import create_app
from hub.link.memory import MemoryLink
from hub.store.memory import MemoryStore
from tools.reference.table import table

_TITLE = """# Every route of the API

Made from the hub's own OpenAPI document, which a running hub shows at `/api/openapi.json`.

"""


def page() -> str:
    paths = application().openapi()["paths"]
    rows = [
        (f"`{method.upper()} {path}`", ", ".join(about.get("tags", [])), _said(about))
        for path, methods in paths.items()
        for method, about in methods.items()
    ]
    return _TITLE + table(("route", "about", ""), sorted(rows, key=lambda row: (row[1], row[0])))


def application() -> FastAPI:
    """The hub's application, with nothing in it; it is never started."""
    access = Access("", lambda: 0, lambda size: bytes(size))
    parts = Parts(
        store=MemoryStore(),
        link=MemoryLink(),
        products={},
        clock=lambda: 0,
        random=lambda size: bytes(size),
        access=access,
    )
    return create_app(parts)


def _said(about: dict[str, Any]) -> str:
    return about.get("description") or about.get("summary", "")
