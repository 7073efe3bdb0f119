"""A lamp that does not know what time it is, and is told: device and hub then mean the same."""

import pytest

from protocol.events import EXACT
from tests.journeys.home import Home

MINUTE_MS, YEAR_MS = 60_000, 365 * 86_400_000


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.ana = home.welcome("Ana")
    home.quiet()
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()


def dark(home):
    """The lamp starts without hub and clock; the hub's clock has gone on for an hour."""
    lamp = home.lamps["lamp-1"]
    lamp.online = False
    home.hub.now_ms += 60 * MINUTE_MS
    lamp.power_on()
    return lamp, home.subject(home.ana, "lamp-1")


def use(home, lamp, subject, code):
    """A visit with a hand in it; when the hand moved, by the hub's clock."""
    lamp.near(subject)
    home.pass_ms(1_000)
    lamp.runtime.set(0, code)
    home.pass_ms(2_000)
    at_ms = home.hub.now_ms
    lamp.away()
    return at_ms


def rows(home, lamp, subject):
    at_hub = home.hub.store.get(f"customer/{home.ana}", "use", "lamp")["rows"]
    there = [(row.uid.hex(), tuple(row.stamp)) for row in lamp.known(subject).rows]
    return there, [(fields[0], tuple(fields[1])) for fields in at_hub]


def words(home, lamp, subject):
    at_hub = home.hub.store.get(f"customer/{home.ana}", "use", "lamp")["entries"]
    there = lamp.known(subject).registers.entries
    return {at: entry.stamp for at, entry in there.items()}, {
        int(at): tuple(fields[0]) for at, fields in at_hub.items()
    }


def agree(home, lamp, subject):
    for there, at_hub in (rows(home, lamp, subject), words(home, lamp, subject)):
        assert there == at_hub
    return rows(home, lamp, subject)[0]


def test_once_the_hub_tells_the_time_the_whole_boot_gets_its_place(home):
    lamp, subject = dark(home)
    when = [use(home, lamp, subject, code) for code in (35, 40)]
    assert next(iter(lamp.known(subject).rows)).stamp[0] < home.hub.now_ms - 50 * MINUTE_MS
    home.quiet()
    stamps = [stamp for _, stamp in agree(home, lamp, subject)]
    assert stamps == sorted(stamps)
    by_hand = [
        entry
        for entry in home.hub.profiles.about(home.ana)["timeline"]
        if entry["kind"] == "adjusted"
    ]
    assert [entry["at_ms"] for entry in by_hand[::-1]] == pytest.approx(when, abs=2_000)
    assert {entry["time_trust"] for entry in by_hand} == {EXACT}


def test_the_other_lamp_hears_of_the_right_order(home):
    lamp, subject = dark(home)
    use(home, lamp, subject, 35)
    other, theirs = home.lamps["lamp-2"], home.subject(home.ana, "lamp-2")
    use(home, other, theirs, 80)
    home.quiet()
    agree(home, lamp, subject)
    agree(home, other, theirs)


@pytest.mark.parametrize("cut", ["journal", "people", "memory"])
def test_a_power_cut_while_it_moves_is_mended_at_the_next_start(home, cut):
    lamp, subject = dark(home)
    use(home, lamp, subject, 35)
    lamp.online = True
    lamp.sent.clear()
    runtime = lamp.runtime
    part, name = {
        "journal": (runtime.journal, "append"),
        "people": (runtime.people, "keep"),
        "memory": (runtime.memory, "forget"),
    }[cut]

    runtime.joined()
    setattr(part, name, _power_goes)
    with pytest.raises(KeyboardInterrupt):
        home.quiet()
    lamp.power_on()
    home.quiet()
    agree(home, lamp, subject)
    assert "anchor" not in lamp.runtime.memory.names()


def test_a_visit_before_and_after_the_time_came_is_one_history(home):
    lamp, subject = dark(home)
    use(home, lamp, subject, 35)
    home.quiet()
    use(home, lamp, subject, 40)
    home.quiet()
    home.hub.start()
    lamp.power_on()
    use(home, lamp, subject, 45)
    home.quiet()
    stamps = [stamp for _, stamp in agree(home, lamp, subject)]
    assert len(stamps) == 3 and stamps == sorted(set(stamps))


@pytest.mark.parametrize("years", [10, 12, 80])  # 2038 and 2106 are passed
def test_the_hubs_clock_jumps_by_years_and_back(home, years):
    lamp, subject = dark(home)
    use(home, lamp, subject, 35)
    home.quiet()
    for jump in (years, -years):
        lamp.online = False
        home.hub.now_ms += jump * YEAR_MS
        lamp.power_on()
        use(home, lamp, subject, 40 + jump % 20)
        home.quiet()
    there = rows(home, lamp, subject)[0]
    assert [stamp for _, stamp in there] == sorted({stamp for _, stamp in there})
    (used,) = home.hub.profiles.about(home.ana)["use"]
    assert used["visits"] == 3


def test_nothing_is_stamped_beyond_the_hub_and_five_minutes(home):
    lamp, subject = dark(home)
    use(home, lamp, subject, 35)
    # somebody's identifier said a time that is nine minutes ahead
    lamp.runtime.walltime.provisional(home.hub.now_ms + 9 * MINUTE_MS, lamp.runtime.uptime_ms())
    lamp.runtime._anchor()
    use(home, lamp, subject, 40)
    home.quiet()
    use(home, lamp, subject, 45)
    home.quiet()
    stamps = [stamp for _, stamp in agree(home, lamp, subject)]
    assert len(stamps) == 3 and stamps == sorted(set(stamps))
    assert stamps[-1][0] <= home.hub.now_ms


@pytest.mark.parametrize("when", ["set", "away"])
def test_a_power_cut_between_the_journal_and_memory_loses_neither(home, when):
    lamp, subject = home.lamps["lamp-1"], home.subject(home.ana, "lamp-1")
    use(home, lamp, subject, 35)
    keep, lamp.runtime.people.keep = lamp.runtime.people.keep, _power_goes
    if when == "away":
        lamp.near(subject)
        lamp.runtime.set(0, 40)
        lamp.runtime.people.keep = keep
        home.pass_ms(2_000)
        lamp.runtime.people.keep = _power_goes
        with pytest.raises(KeyboardInterrupt):
            lamp.away()
    else:
        with pytest.raises(KeyboardInterrupt):
            use(home, lamp, subject, 40)
    lamp.power_on()
    home.quiet()
    agree(home, lamp, subject)
    use(home, lamp, subject, 45)
    home.quiet()
    agree(home, lamp, subject)
    (used,) = home.hub.profiles.about(home.ana)["use"]
    assert used["visits"] == lamp.known(subject).totals.visits == 2 + (when == "away")


def _power_goes(*_):
    raise KeyboardInterrupt
