"""Goes round all customers once a day, and to those for whom a time has come in between.

Who is to be reminded of something is found out by it, and after a start of the hub whose messages
still wait for a hook: that is kept in the vaults of the customers, and nowhere else.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from hub.errors import UnknownError
from hub.relation.services import Services
from hub.relation.turns import Turns
from hub.store import StoreError

_log = logging.getLogger(__name__)

_BEGIN_S, _LOOK_S = 45.0, 30.0
_REST_S = 0.001  # between two customers: whoever waits for a page is answered wholly meanwhile
_DAY_MS = 86_400_000


async def go_round(
    services: Services,
    turns: Turns,
    everyone: Callable[[], Iterable[str]],
    clock: Callable[[], int],
    begin_s: float = _BEGIN_S,
    look_s: float = _LOOK_S,
) -> None:
    """everyone(): the ids of all customers; look_s: between looks whose time has come."""
    await asyncio.sleep(begin_s)
    while True:
        next_ms = clock() + _DAY_MS
        for customer in everyone():
            look_at(services, turns, customer)
            await asyncio.sleep(_REST_S)
        while clock() < next_ms:
            await asyncio.sleep(look_s)
            now_ms = clock()
            for customer in [name for name, at in services.agenda.items() if at <= now_ms]:
                look_at(services, turns, customer)


def look_at(services: Services, turns: Turns, customer: str) -> None:
    try:
        turns.look(customer)
        services.look(customer)
    except UnknownError:
        services.agenda.pop(customer, None)  # forgotten meanwhile
    except StoreError as error:
        _log.error("%s was not reminded: %s", customer, error)
