"""Time that a visitor lets pass: phones go on saying who they are while it does."""

import asyncio
from datetime import datetime, timedelta, tzinfo

from tools.bench.world import World

MINUTES, HOUR, MORNING = "minutes", "hour", "morning"
_STEP_S = 60  # well within what a device takes for silence
_HOP_S = 0.01
_MORNING_HOUR = 7


async def pass_time(world: World, seconds: int) -> None:
    """Step by step, with everybody's phone heard after each."""
    while seconds > 0:
        step_s = min(seconds, _STEP_S)
        seconds -= step_s
        await world.skip(seconds=step_s)
        for person in world.people.values():
            await person.phone.advertise_now()
        await asyncio.sleep(_HOP_S)


def until_morning_s(now_s: int, zone: tzinfo) -> int:
    """Seconds from now to the next seven o'clock."""
    now = datetime.fromtimestamp(now_s, zone)
    morning = now.replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)
    if morning <= now:
        morning += timedelta(days=1)
    return int((morning - now).total_seconds())
