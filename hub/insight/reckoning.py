"""Works out what many people do, beside everything else: once a day, or when asked."""

import asyncio
import logging

from hub.insight.insights import Gathered, Insights
from hub.store import StoreError

_log = logging.getLogger(__name__)

_AT_ONCE = 1  # customer that is read before others have their turn
_BEGIN_S, _DAY_S = 90.0, 86_400.0
_REST_S = 0.001  # between two customers: whoever waits for a page is answered wholly meanwhile


async def reckon(insights: Insights) -> int:
    """Gather, work out, keep; how many customers agreed. Raises StoreError."""
    gathered, names = Gathered(), insights.everyone()
    for first in range(0, max(1, len(names)), _AT_ONCE):
        insights.gather(gathered, names[first : first + _AT_ONCE])
        await asyncio.sleep(_REST_S)
    reports = await asyncio.to_thread(insights.reckon, gathered)
    insights.keep(gathered, reports)
    return gathered.people


async def reckon_daily(insights: Insights) -> None:
    try:
        insights.switch_off()
    except StoreError as error:
        _log.error("what is switched off still holds: %s", error)
    await asyncio.sleep(_BEGIN_S)
    while True:
        try:
            await reckon(insights)
        except StoreError as error:
            _log.error("what people do was not worked out: %s", error)
        await asyncio.sleep(_DAY_S)
