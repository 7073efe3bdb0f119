"""How well a person may be known, suites and packet sizes: over bleak, on the real firmware."""

from pathlib import Path
from typing import Any

import pytest

from protocol.rules import FROZEN, FULL, LOCAL, STRANGER
from tests.tools.home import VISIT_OVER_S, Home, at_home, play_at_home
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.companion import Companion, CompanionError, Meeting, RefusedError


@at_home
async def test_a_stranger_by_choice_is_not_recognised_keeps_nothing_and_comes_back(home: Home):
    await home.visit(-3)
    before = await home.hub_heard_of(visits=1)

    async def withdraw(meeting: Meeting) -> Any:
        await meeting.mode(STRANGER)
        with pytest.raises(RefusedError, match="stranger"):
            await meeting.say(0, 20)
        with pytest.raises(RefusedError, match="stranger"):
            await meeting.rule(0, FROZEN)
        return await meeting.about()

    assert (await home.tell(withdraw))["mode"] == "stranger"
    await home.visit(-3)
    await home.lamp.board.cut_power()
    await home.lamp.start()
    await home.world.caught_up(home.lamp)
    await home.visit(-3)
    assert home.console.subject is None and home.hub_events() == before

    await home.tell(lambda meeting: meeting.mode(FULL))
    await home.visit(-3)
    await home.hub_heard_of(visits=2)


@at_home
async def test_what_is_local_is_remembered_there_and_told_to_nobody(home: Home):
    await home.visit(-3)
    before = await home.hub_heard_of(visits=1)
    known = await home.tell(lambda meeting: meeting.about())
    await home.tell(lambda meeting: meeting.mode(LOCAL))
    await home.visit(-4)
    await home.tell(lambda meeting: meeting.say(1, 2300))
    await home.world.skip(seconds=VISIT_OVER_S)
    await home.lamp.board.cut_power()
    await home.lamp.start()
    await home.world.caught_up(home.lamp)
    about = await home.tell(lambda meeting: meeting.about())
    assert about["mode"] == "local" and about["visits"] > known["visits"]
    assert about["settings"][1]["code"] == 2300
    assert home.hub_events() == before


@at_home
async def test_what_was_said_in_a_session_is_undone_there_and_a_rule_holds(home: Home):
    async def talk(meeting: Meeting) -> list[str]:
        said = [await meeting.say(0, 25), (await meeting.undo())[0], await meeting.rule(0, FROZEN)]
        with pytest.raises(RefusedError, match="undo"):
            await meeting.undo()
        return [line["why"] for line in said]

    await home.ana.walk_to(home.lamp)
    assert await home.tell(talk) == [
        "brightness 25 %, because you asked for it.",
        "brightness 60 %, the usual for everyone, until you choose.",
        "brightness 60 %, because you froze it.",
    ]


@at_home
async def test_a_session_of_suite_2_opens_and_nothing_less_will_do_for_who_wants_more(home: Home):
    home.ana.companion = _companion(home, suite=2)
    about = await home.tell(lambda meeting: meeting.about())
    assert about["product"] == "lamp"
    home.ana.companion = _companion(home, suite=3)
    with pytest.raises(CompanionError, match="no suite 3"):
        await home.tell(lambda meeting: meeting.about())


@pytest.mark.parametrize("mtu", [23, 185, 247])
def test_a_whole_session_fits_every_packet_size(tmp_path: Path, mtu: int):
    async def play(home: Home) -> None:
        Central(home.ana.phone.device, mtu).use()
        assert home.ana.companion
        for suite in (1, 2):
            companion = _companion(home, suite)
            found = await companion.find_one(home.lamp.board.mac)
            async with companion.meet(found, home.world.now_s()) as meeting:
                assert len((await meeting.about())["settings"]) == 3
                assert (await meeting.say(0, 45))["code"] == 45

    play_at_home(tmp_path, play)


def _companion(home: Home, suite: int) -> Companion:
    assert home.ana.customer
    credential = home.world.hub.parts.profiles.credential(home.ana.customer)
    return Companion(credential, BumbleScanner, BumbleClient, suite)
