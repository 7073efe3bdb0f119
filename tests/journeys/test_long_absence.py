"""The hub is away for long: nothing is forgotten that was promised, and nothing counts twice."""

from hub.ingest import Ingest
from tests.conftest import many
from tests.journeys.home import Home

NAMES = ("Ana", "Ben", "Cleo", "Dan")
FLASH_BYTES = 64 * 1024


def bytes_in(folder) -> int:
    """What files take of flash, in blocks of 4 KB."""
    return sum(
        -(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file()
    )


def stay(home, lamp, subject, code, seconds):
    """Somebody comes, sets the brightness by hand, stays, and leaves."""
    lamp.near(subject)
    lamp.runtime.set(0, code)
    home.pass_ms(2_000)
    lamp.runtime.count(0, seconds)
    home.pass_ms(seconds * 1000)
    lamp.away()


def meet_again(home):
    """The hub is back; it takes as many messages as it takes."""
    home.lamps["lamp-1"].online = True
    home.lamps["lamp-1"].runtime.joined()
    while home.exchange() or home.lamps["lamp-1"].runtime.journal.waiting():
        home.pass_ms(500)
    home.quiet()


def test_ninety_days_without_a_hub_are_counted_exactly_in_64_kb(tmp_path):
    days, visits = many(90), 20
    home = Home(tmp_path)
    lamp = home.lamps["lamp-1"]
    people = {name: home.welcome(name) for name in NAMES}
    home.quiet()
    subjects = [home.subject(customer, "lamp-1") for customer in people.values()]
    lamp.online = False
    counted, most_bytes = dict.fromkeys(NAMES, 0), 0
    for day in range(days):
        for number in range(visits):
            at = (day + number) % len(NAMES)
            stay(home, lamp, subjects[at], number % 10 * 5 + day % 2 * 5, 60 + number)
            counted[NAMES[at]] += 1
        lamp.power_on()  # and a power cut every night
        most_bytes = max(most_bytes, bytes_in(tmp_path / "lamp-1" / "journal"))
    assert most_bytes <= FLASH_BYTES
    meet_again(home)
    device = home.hub.profiles.device("lamp-1")
    assert device["overflows"] or device["notes"]
    assert device["backlog"] == 0
    total = 0
    for name, customer in people.items():
        (use,) = home.hub.profiles.about(customer)["use"]
        totals = lamp.known(home.subject(customer, "lamp-1")).totals
        assert use["visits"] == totals.visits == counted[name], name
        assert use["adjusted"] == totals.adjusted > 0
        assert use["minutes"] == totals.seconds // 60
        total += use["counters"][0]["total"]
        told = [entry["text"] for entry in home.hub.profiles.about(customer)["timeline"]]
        assert any("totals are kept" in text for text in told), name
    assert total == sum(60 + number for number in range(visits)) * days


def state(home, customer, setting):
    about = home.hub.profiles.about(customer)["settings"]
    return next(one["wish"]["state"] for one in about if one["setting"] == setting)


def test_a_lamp_that_was_away_for_a_week_catches_up_within_a_second(tmp_path):
    home = Home(tmp_path)
    lamp, ana = home.lamps["lamp-1"], home.welcome("Ana")
    home.hub.profiles.unlink(ana, "lamp-2")
    home.quiet()
    subject = home.subject(ana, "lamp-1")
    lamp.power_off()
    home.hub.now_ms += 7 * 86_400_000
    wish = home.hub.profiles.wish
    wish(ana, "lamp", "brightness", 35, by="Sam")
    wish(ana, "lamp", "mood", "bright", by="Sam")
    wish(ana, "lamp", "night_light", True, by="Ana")
    lamp.online = False
    lamp.power_on()
    lamp.near(subject)
    lamp.runtime.set(2, 0)
    lamp.runtime.set(2, 1)
    home.pass_ms(2_000)
    lamp.runtime.set(2, 0)
    home.pass_ms(2_000)
    home.exchange()
    assert {state(home, ana, name) for name in ("brightness", "mood", "night_light")} == {"queued"}
    names, shown = ("brightness", "mood", "night_light"), []
    hub = home.hub
    hub.ingest = Ingest(
        hub.store,
        hub.profiles,
        lambda: hub.now_ms,
        lambda kind, name: shown.append([state(home, ana, name) for name in names]),
    )
    lamp.online = True
    lamp.runtime.joined()
    for _ in range(20):
        home.exchange()
        lamp.tick.send(None)
    assert shown[-1] == ["applied", "applied", "refused"], "as soon as it is heard, with no waiting"
    ranks = [("queued", "delivered", "applied").index(states[0]) for states in shown]
    assert ranks == sorted(ranks)
    assert lamp.known(subject).registers.value(0) == 35
    for each in home.lamps.values():
        each.power_off()
