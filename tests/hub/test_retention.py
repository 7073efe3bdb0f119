"""What is too old goes, by purpose, on a hub that lives for years."""

import pytest
from pydantic import ValidationError

from hub.config import Settings
from hub.devices.device import Device
from hub.draft import Draft
from hub.errors import GoneError
from hub.past.record import known
from hub.people.customer import Customer
from hub.privacy.retention import DAY_MS, Keeping, Periods
from tests.hub.lives import Life
from tests.hub.living import LAMP

SHORT = Periods(events=30, timeline=60, wishes=90, notes=20, untouched=400)


class Years(Life):
    def __init__(self, periods=SHORT):
        super().__init__()
        self.keeping = Keeping(self.hub.profiles.office, periods)

    def pass_days(self, days):
        """Each day the hub tidies."""
        for _ in range(days):
            self.hub.now_ms += DAY_MS
            self.keeping.customer(self.ana)
            for lamp in self.lamps:
                self.keeping.device(lamp.name)

    def visit(self, code):
        lamp = self.lamps[0]
        self.lamps[0].use(bytes.fromhex(self.share("lamp-1")["subject"]), code)
        lamp.send(lamp.sent + 1)

    def share(self, device):
        return self.hub.profiles.credential(self.ana)["devices"][device]

    def customer(self):
        return Customer(Draft(self.hub.store), self.ana)

    def own(self):
        return known(self.customer(), LAMP)


def test_events_become_a_sum_and_nothing_else_changes():
    life = Years()
    life.visit(35)
    before = life.own()
    life.pass_days(29)
    assert life.customer().history.entries()
    life.pass_days(2)
    assert not life.customer().history.entries()
    assert life.own() is not before
    assert (life.own().known.rows, life.own().visits) == (before.known.rows, 1)
    with pytest.raises(GoneError):
        life.undo(steps=1)


def test_after_the_sum_life_goes_on():
    life = Years()
    life.visit(35)
    life.pass_days(31)
    life.visit(40)
    assert life.own().visits == 2
    life.undo(steps=1)
    assert life.own().visits == 1
    assert life.hub.setting(life.ana)["value"] == 35


def test_the_timeline_wishes_and_notes_each_have_their_own_time():
    life = Years()
    life.visit(35)
    life.hub.profiles.wish(life.ana, "lamp", "mood", "bright", "Sam")
    life.hub.profiles.wish(life.ana, "lamp", "mood", "calm", "Sam")
    draft = Draft(life.hub.store)
    device = Device(draft, "lamp-1")
    device.note(life.hub.now_ms, "its clock was wrong")
    device.keep()
    draft.commit()
    life.pass_days(21)
    assert life.hub.profiles.device("lamp-1")["notes"] == []
    assert len(life.hub.profiles.timeline(life.ana)) > 3
    life.pass_days(40)
    assert life.hub.profiles.timeline(life.ana) == []
    assert len(life.customer().wishes.newest(10)) == 2
    life.pass_days(30)
    (standing,) = life.customer().wishes.newest(10)
    assert standing[1]["value"] == "calm"  # it still holds


def test_what_nobody_touched_for_long_is_forgotten():
    life = Years()
    life.visit(35)
    life.pass_days(399)
    assert life.hub.setting(life.ana)["value"] == 35
    life.pass_days(3)
    assert life.customer().used() == []
    assert life.hub.setting(life.ana)["source"] == "default"


def test_the_usual_periods_keep_things_for_a_year():
    assert Settings().periods() == Periods()
    assert min(Periods()._replace(notes=400)) >= 365


def test_a_period_is_at_least_a_day(monkeypatch):
    monkeypatch.setenv("RAPPORT_KEEP_EVENTS_DAYS", "0")
    with pytest.raises(ValidationError, match="keep_events_days"):
        Settings()
