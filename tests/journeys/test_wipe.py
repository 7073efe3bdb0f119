"""A device confirms that it forgot somebody only when nothing of them is left in its flash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.privacy.erasures import Erasures
from protocol import topics
from tests.journeys.home import Home

LAMP = "lamp-1"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path, [LAMP])
    yield home
    for lamp in home.lamps.values():
        lamp.power_off()


class Leaving:
    """Ana's last visit is not told yet when she is erased: the lamp cannot be done at once."""

    def __init__(self, home: Home) -> None:
        self.home, self.lamp = home, home.lamps[LAMP]
        self.ana, self.ben = home.welcome("Ana"), home.welcome("Ben")
        home.quiet()
        self.subject = home.subject(self.ana, LAMP)
        self.lamp.near(self.subject)
        self.lamp.runtime.set(0, 35)
        home.pass_ms(3_000)
        self.lamp.away()
        self.lamp.sent.clear()  # lost on the way
        assert self.lamp.runtime.journal.waiting()
        self.erasures = Erasures(home.hub.profiles.office)
        self.receipt = self.erasures.begin(self.ana, "Ana")
        self.deliver()

    def deliver(self) -> None:
        """The lamp hears what it is told, and its answers are on their way."""
        down, self.home.down = self.home.down, []
        for message in down:
            self.lamp.hear(message)

    def state(self) -> str:
        return self.erasures.receipt(self.receipt)["state"]

    def flash(self) -> bytes:
        files = [path for path in self.lamp.folder.rglob("*") if path.is_file()]
        return b"".join(str(path).encode() + path.read_bytes() for path in files)

    def nothing_left(self) -> bool:
        content = self.flash()
        return self.subject not in content and self.subject.hex().encode() not in content


@pytest.fixture
def leaving(home: Home) -> Leaving:
    return Leaving(home)


def told(leaving: Leaving) -> list[Any]:
    return [one for one in leaving.lamp.sent if one.kind == topics.TOLD]


def test_who_is_forgotten_is_gone_at_once_and_confirmed_when_flash_is_wiped(leaving: Leaving):
    assert not leaving.lamp.knows(leaving.subject)
    assert leaving.subject in leaving.flash(), "in the journal, which the hub has not heard"
    assert not told(leaving)
    leaving.home.quiet()
    assert leaving.nothing_left()
    assert leaving.state() == "closed"


def test_a_power_cut_meanwhile_does_not_keep_it_from_being_done(leaving: Leaving):
    leaving.lamp.power_on()
    leaving.home.quiet()
    assert leaving.nothing_left()
    assert leaving.state() == "closed"
    assert "wipe" not in leaving.lamp.runtime.memory.names()
    journal = leaving.lamp.runtime.journal
    stream, number = journal.stream, journal.next
    leaving.lamp.power_on()
    leaving.home.quiet()
    journal = leaving.lamp.runtime.journal
    assert (journal.stream, journal.next) == (stream, number), "it knows its number still"


def test_a_hub_that_never_takes_the_journal_over_is_not_waited_for_for_ever(leaving: Leaving):
    for _ in range(130):
        leaving.home.pass_ms(500)
    assert told(leaving)


def test_what_others_are_told_meanwhile_reaches_the_lamp_afterwards(leaving: Leaving):
    home = leaving.home
    home.hub.profiles.wish(leaving.ben, "lamp", "brightness", 20, "Ben", own=True)
    leaving.deliver()
    home.quiet()
    ben = leaving.lamp.known(home.subject(leaving.ben, LAMP))
    assert ben.said(0) == 20
    wish = home.hub.profiles.wished(leaving.ben, 1)
    assert wish["state"] in ("delivered", "applied")
