"""The hub as a web application, put together from its parts.

    app = create_app(parts)            # hub/start.py builds the parts; tests build others

While it runs it hears its devices, and gives them new presence keys when a period begins.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI

from hub.api import (
    audit,
    backup,
    consents,
    customers,
    desk,
    devices,
    document,
    erasures,
    histories,
    hooks,
    household,
    identities,
    imports,
    insight,
    live,
    me,
    me_rights,
    metrics,
    preferences,
    questions,
    staff,
    tables,
    updates,
)
from hub.api.again import Again
from hub.api.answers import answer_errors
from hub.api.edge import Edge
from hub.api.parts import Doorkeeper, Parts
from hub.api.permit import permit
from hub.errors import UnknownError
from hub.insight.reckoning import reckon_daily
from hub.neighbours.bridge import tell
from hub.pages import add_pages
from hub.privacy.retention import DAY_MS
from hub.relation.daily import go_round
from hub.store import StaleError, StoreError

_log = logging.getLogger(__name__)

_LOOK_S = 600.0  # how often it is seen whether a presence period has begun
_DAY_S, _BEGIN_S = 86_400.0, 60.0  # between two tidyings; before the first
_BREATH_S = 0.001  # for what waits, after each of many
_ASK_S = 1.0  # between two looks who may have an update; in each so many-th, who is missing
_MISSED_EACH = 300


def create_app(parts: Parts) -> FastAPI:
    """The application; its lifespan opens the link (and broker), and closes store and link."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(parts.store.close)
            stack.callback(parts.audit.close)
            await _open(parts, stack)
            for task in (_fold, _refresh, _tidy, _update, _reckon, _remind, _carry, _show):
                stack.push_async_callback(_end, asyncio.create_task(task(parts)))
            stack.callback(parts.changed.close)
            yield

    app = FastAPI(
        title="Rapport hub",
        lifespan=lifespan,
        dependencies=[Depends(permit)],
        redirect_slashes=False,
        openapi_url=None,  # hub/api/document.py: by a route that asks who may
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    answer_errors(app)
    for router in (
        document.router,
        staff.router,
        audit.router,
        live.router,
        metrics.router,
        customers.router,
        desk.router,
        tables.router,
        consents.router,
        erasures.router,
        imports.router,
        histories.router,
        identities.router,
        insight.router,
        household.router,
        preferences.router,
        questions.router,
        hooks.router,
        devices.router,
        updates.router,
        me.router,
        me_rights.router,
        backup.router,
    ):
        app.include_router(router)
    app.add_middleware(Again)
    app.add_middleware(Edge, access=parts.access)
    add_pages(app)
    app.add_middleware(metrics.Counted, meters=parts.meters)
    return app


async def _open(parts: Parts, stack: contextlib.AsyncExitStack) -> None:
    parts.profiles.finish()
    if parts.broker:
        await let_in(parts, parts.broker)
        stack.push_async_callback(parts.broker.stop)
        await parts.broker.start()
    stack.push_async_callback(parts.link.close)
    await parts.link.open(parts.meters.metered(parts.intake.heard))


async def let_in(parts: Parts, broker: Doorkeeper) -> None:
    """All that are registered, and those that another worker let in after we looked."""
    admitted: list[str] | None = None
    while True:
        broker.trust(parts.deliveries.lines)  # reads: so we hear of other workers' devices
        if admitted == (names := parts.profiles.device_names()):
            return
        await broker.admit(names)
        admitted = names


async def _fold(parts: Parts) -> None:
    await parts.intake.run()


async def _refresh(parts: Parts) -> None:
    """New presence keys for the devices that are there, whenever a period begins."""
    while True:
        names = parts.profiles.device_names()
        for name in names:  # one by one: pages are answered between
            try:
                parts.profiles.refresh_keys([name])
            except StaleError:
                pass  # another hub worker does it
            except StoreError as error:
                _log.error("presence keys were not renewed: %s", error)
            await asyncio.sleep(_BREATH_S)
        try:
            parts.household.end_passes()
        except StoreError as error:
            _log.error("passes were not ended: %s", error)
        await asyncio.sleep(_LOOK_S)


async def _tidy(parts: Parts) -> None:
    """What is older than it may be goes, once a day."""
    while True:
        await asyncio.sleep(_BEGIN_S)
        try:
            parts.profiles.finish()
        except StoreError as error:
            _log.error("somebody who was erased is not wholly gone yet: %s", error)
        try:
            parts.audit.forget(parts.clock() - parts.periods.audit * DAY_MS)
        except StoreError as error:
            _log.error("the audit was not tidied: %s", error)
        for act, names in (
            (parts.keeping.customer, parts.keeping.customers()),
            (parts.keeping.device, parts.profiles.device_names()),
        ):
            for name in names:
                try:
                    act(name)
                except UnknownError:
                    continue  # forgotten meanwhile
                except StoreError as error:
                    _log.error("%s was not tidied: %s", name, error)
                await asyncio.sleep(_BREATH_S)
        await asyncio.sleep(_DAY_S)


async def _update(parts: Parts) -> None:
    """Whoever may have an update now is asked."""
    looks = 0
    while True:
        await asyncio.sleep(_ASK_S)
        looks += 1
        try:
            for said in parts.updates.offer_next():
                parts.link.say(*said)
            if looks % _MISSED_EACH == 0:
                parts.updates.look_for_missing()
        except StoreError as error:
            _log.error("no update was offered: %s", error)


async def _reckon(parts: Parts) -> None:
    await reckon_daily(parts.insights)


async def _remind(parts: Parts) -> None:
    await go_round(parts.services, parts.turns, parts.keeping.customers, parts.clock)


async def _carry(parts: Parts) -> None:
    await parts.carrier.run()


async def _show(parts: Parts) -> None:
    await tell(parts.homes, parts.profiles, parts.audit, parts.changed)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
