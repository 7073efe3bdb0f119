"""Who listens for changes hears them, and stops when told to."""

import asyncio

import pytest

from hub.changes import Changes

_LONG_S = 60


async def _follow(changes: Changes, heard: list) -> None:
    with changes.listening(quiet_s=_LONG_S) as news:
        async for change in news:
            heard.append(change)


@pytest.mark.parametrize("turns", range(6))
def test_who_listens_is_stopped_though_news_come_at_that_very_moment(turns):
    """turns: of the event loop, between the news and the stop."""

    async def story() -> None:
        changes, heard = Changes(), []
        following = asyncio.create_task(_follow(changes, heard))
        await asyncio.sleep(0.01)
        assert changes.listeners == 1
        changes("device", "lamp-1")
        for _ in range(turns):
            await asyncio.sleep(0)
        following.cancel()
        stopped, _ = await asyncio.wait({following}, timeout=_LONG_S)
        following.cancel()
        assert stopped and following.cancelled()
        assert heard in ([], [("device", "lamp-1")])

    asyncio.run(story())
