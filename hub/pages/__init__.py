"""The hub's pages, for people at the support desk: plain HTML that works without a script.

add_pages(app)        # after the app's other middleware: pages are what a browser meets first
"""

from fastapi import FastAPI

from hub.pages import (
    account,
    act,
    change,
    desk,
    insight,
    mine,
    mine_choices,
    mine_data,
    mine_home,
    near,
    person,
    reason,
    sign_in,
    staff,
    unit,
    updates,
)
from hub.pages.front import Front, broken
from hub.pages.squeeze import Squeeze


def add_pages(app: FastAPI) -> None:
    """Routes of pages, their look at /static, and a page for whatever is wrong."""
    for router in (
        sign_in.router,
        account.router,
        reason.router,
        staff.router,
        desk.router,
        person.router,
        change.router,
        act.router,
        unit.router,
        insight.router,
        updates.router,
        near.router,
        mine.router,
        mine_choices.router,
        mine_home.router,
        mine_data.router,
    ):
        app.include_router(router)
    app.add_exception_handler(Exception, broken)
    app.add_middleware(Front)
    app.add_middleware(Squeeze)
