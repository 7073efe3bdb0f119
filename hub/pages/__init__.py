"""The hub's pages, for people at the support desk: plain HTML that works without a script.

add_pages(app)        # after the app's other middleware: pages are what a browser meets first
"""

from fastapi import FastAPI

from hub.pages import change, desk, near, person, unit, updates
from hub.pages.front import Front, broken


def add_pages(app: FastAPI) -> None:
    """Routes of pages, their look at /static, and a page for whatever is wrong."""
    for router in (
        desk.router,
        person.router,
        change.router,
        unit.router,
        updates.router,
        near.router,
    ):
        app.include_router(router)
    app.add_exception_handler(Exception, broken)
    app.add_middleware(Front)
