"""Service and supply by use: when it is due, who is told, and only if they agreed to it."""

import asyncio
import logging
import time
from datetime import date

import pytest

from hub.relation.daily import go_round, look_at
from hub.relation.hooks import Hook
from hub.relation.rhythm import day_of
from tests.hub.listening import listening
from tests.hub.relating import BERLIN, DAY_MS, Firm, Machine, at, brewing, carry

BUS = Hook("bus", frozenset(["service"]))


@pytest.fixture
def crm():
    with listening() as listener:
        yield listener


def service(firm, ana):
    return next(one for one in firm.parts.services.of(ana) if one["counter"] == "since_descaling")


# When it is due


def test_the_day_is_predicted_from_the_rhythm_of_the_person():
    firm, ana, _ = brewing()
    told = service(firm, ana)
    assert (told["total"], told["at"], told["missing"]) == (192, 200, 8)
    assert told["day"] == "2026-12-07", "a Monday: none are brewed on Sundays"


@pytest.mark.parametrize(
    ("missing", "day"),
    [
        (0, "2026-06-15"),
        (1, "2026-06-16"),
        (10, "2026-06-16"),
        (11, "2026-06-17"),
        (45, "2026-06-22"),
    ],
)
def test_each_weekday_goes_on_as_it_went(missing, day):
    now_ms = at("2026-06-15 12:00")  # a Monday
    uses = [
        (now_ms - ago * DAY_MS, 10)
        for ago in range(1, 57)
        if date.fromordinal(date(2026, 6, 15).toordinal() - ago).weekday() < 5
    ]
    assert day_of(uses, missing, now_ms, BERLIN) == date.fromisoformat(day)


def test_nobody_can_tell_from_a_few_days_or_from_none():
    now_ms = at("2026-06-15 12:00")
    assert day_of([], 5, now_ms, BERLIN) is None
    assert day_of([(now_ms - 3 * DAY_MS, 50)], 5, now_ms, BERLIN) is None
    assert day_of([(now_ms - 50 * DAY_MS, 1)], 500, now_ms, BERLIN) is None, "in ten years"


def test_it_goes_out_ahead_of_the_day_once_and_again_for_the_next_time():
    firm, ana, machine = brewing(BUS)
    assert [one.go for one in firm.parts.services.look(ana)] == [True]
    (message,) = firm.parts.outgoing.of(ana)
    assert message["text"].endswith("At your pace it is due about 7 December.")
    machine.weekdays(ana, 10)
    assert firm.parts.services.look(ana) == [], "it was said"
    machine.descale()
    assert service(firm, ana)["missing"] == 200
    machine.weekdays(ana, 33)
    assert len(firm.parts.outgoing.of(ana)) == 1
    machine.weekdays(ana, 4)
    assert [one.go for one in firm.parts.services.look(ana)] == [True], "descaled, and used again"


def test_what_strangers_brew_counts_for_the_machine_and_its_owner_is_told():
    firm = Firm()
    ana = firm.welcome("Ana", "esp-1")
    ben = firm.parts.profiles.welcome("Ben")
    firm.parts.profiles.link(ben, "esp-1")
    machine = Machine(firm)
    for one in (ana, ben):
        firm.agree(one)
    machine.brew(ben, 3)
    machine.brew_for_strangers(197)
    machine.brew(ana, 2)
    assert service(firm, ana)["total"] == 202
    assert firm.parts.services.of(ben) == []
    assert firm.parts.services.look(ben) == []
    assert [one.go for one in firm.parts.services.look(ana)] == [True]
    (message,) = firm.parts.outgoing.of(ana)
    assert message["details"]["total"] == 202 and "At your pace" not in message["text"]


def test_where_it_has_no_owner_whoever_uses_it_is_told_but_for_guests():
    firm = Firm()
    ana = firm.welcome("Ana", "esp-1", role="user")
    ben = firm.parts.profiles.welcome("Ben")
    firm.parts.profiles.link(ben, "esp-1", "guest", firm.now_ms + DAY_MS)
    assert service(firm, ana)["missing"] == 200
    assert firm.parts.services.of(ben) == []


# Only who agreed, and only when they want


def everything(firm):
    """All that is kept, said or told anywhere."""
    kept = [firm.store.all(vault, table) for vault in firm.store.vaults() for table in
            ("messages", "services", "events", "about", "rings", "sync")]  # fmt: skip
    return repr([kept, firm.link.said, firm.link.broadcasts, firm.parts.outgoing.agenda])


def test_without_consent_no_message_exists_anywhere(crm, caplog):
    caplog.set_level(logging.DEBUG)
    firm, ana, machine = brewing(crm.hook(), BUS)
    firm.agree(ana, False)
    machine.brew(ana, 50)
    look_at(firm.parts.services, firm.parts.turns, ana)
    assert carry(firm) == 0
    assert crm.heard == [] and firm.link.broadcasts == []
    assert firm.parts.outgoing.of(ana) == []
    for word in ("descaling.", "Descaling", "twenty minutes"):
        assert word not in everything(firm) + caplog.text
    firm.agree(ana)
    look_at(firm.parts.services, firm.parts.turns, ana)
    assert carry(firm) == 2
    assert "twenty minutes" in everything(firm), "and this finds it where it is"


def test_consent_withdrawn_while_it_waits_takes_it_back(crm):
    firm, ana, _ = brewing(crm.hook())
    crm.status = 500
    firm.parts.services.look(ana)
    assert carry(firm) == 0 and len(crm.heard) == 1
    firm.agree(ana, False)
    firm.go(hours=1)
    crm.status = 204
    assert carry(firm) == 0 and len(crm.heard) == 1
    (message,) = firm.parts.outgoing.of(ana)
    assert message["hooks"]["crm"]["state"] == "withdrawn"
    assert firm.parts.turns.due() == []


def test_quiet_hours_put_it_off_both_when_it_is_due_and_when_it_is_tried_again(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.preferences.say(ana, "quiet", "11:00 to 15:00", "Ana")
    (verdict,) = firm.parts.services.look(ana)
    assert not verdict.go and firm.parts.services.agenda == {ana: at("2026-12-05 15:00")}
    firm.now_ms = at("2026-12-05 15:00")
    crm.status = 503
    firm.parts.services.look(ana)
    assert carry(firm) == 0
    firm.parts.preferences.say(ana, "quiet", "15:00 to 18:00", "Ana")
    firm.go(hours=1)
    assert carry(firm) == 0 and len(crm.heard) == 1, "nothing is tried in quiet hours"
    assert firm.parts.outgoing.agenda == {ana: at("2026-12-05 18:00")}
    firm.now_ms, crm.status = at("2026-12-05 18:00"), 200
    assert carry(firm) == 1


def test_reminders_can_be_switched_off_and_a_limit_holds_over_all_kinds():
    firm, ana, machine = brewing()
    firm.parts.preferences.say(ana, "service", "off", "Ana")
    assert [one.next_ms for one in firm.parts.services.look(ana)] == [None]
    firm.parts.preferences.say(ana, "service", "on", "Ana")
    firm.parts.preferences.say(ana, "contact", "1 a month", "Ana")
    firm.parts.services.look(ana)
    machine.descale()
    machine.brew_for_strangers(250)
    (verdict,) = firm.parts.services.look(ana)
    assert not verdict.go and verdict.next_ms == at("2027-01-05 12:00")


def test_messages_go_after_the_period_of_the_timeline():
    firm, ana, _ = brewing()
    firm.parts.services.look(ana)
    firm.go(days=399)
    firm.parts.keeping.customer(ana)
    assert len(firm.parts.outgoing.of(ana)) == 1
    firm.go(days=2)
    firm.parts.keeping.customer(ana)
    assert firm.parts.outgoing.of(ana) == []


def test_the_round_reminds_whom_it_may_and_the_others_when_their_time_has_come():
    firm, ana, _ = brewing()
    firm.parts.preferences.say(ana, "quiet", "11:00 to 15:00", "Ana")
    parts = firm.parts

    async def until(true):
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end
            await asyncio.sleep(0.01)

    async def day():
        everyone = parts.keeping.customers
        going = asyncio.create_task(
            go_round(parts.services, parts.turns, everyone, lambda: firm.now_ms, 0, 0.01)
        )
        await until(lambda: ana in parts.services.agenda)
        assert parts.outgoing.of(ana) == []
        firm.go(hours=3)
        await until(lambda: parts.outgoing.of(ana))
        firm.parts.profiles.forget(ana)
        firm.go(days=1)
        ben = firm.welcome("Ben", "esp-2")
        firm.agree(ben)
        Machine(firm, "esp-2").brew_for_strangers(200)
        firm.go(days=1)
        await until(lambda: parts.outgoing.of(ben))
        going.cancel()

    asyncio.run(day())
