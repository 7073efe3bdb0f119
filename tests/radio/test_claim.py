"""Whose a device is: claimed by its label and a press, shared, lost, sold. All of it is real."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.devices import claims, makers
from hub.devices.manifest import Made, Manifest, sign
from hub.errors import ConflictError, InvalidError, UnknownDeviceError
from hub.link import issue
from protocol import session
from tools.bench.bleak_backend import BumbleClient, BumbleScanner
from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until
from tools.companion import CompanionError, RefusedError, with_label

CODE, BUTTON = "7D2KM0QX4VNB9R3T", 6
RESET_HOLD_MS = 11_000
NAME = "lmp-000001"


class Home:
    """A lamp from the factory, nobody's yet, and people with phones."""

    def __init__(self, world: World, lamp: BenchDevice) -> None:
        self.world, self.lamp, self.parts = world, lamp, world.hub.parts
        self.console = Console()
        self.lines: list[str] = []
        lamp.board.on_line = self._said

    def _said(self, line: str) -> None:
        self.lines.append(line)
        self.console.take(line)

    async def asks(self) -> None:
        self.lines.clear()
        await until("it asks", lambda: any("asks for a press" in one for one in self.lines))

    async def press_when_asked(self) -> None:
        await self.asks()
        await self.lamp.board.press(BUTTON)

    async def receipt(self, person: Person, challenge: str, code: str = CODE) -> str:
        own, person.companion = (
            person.companion,
            with_label(NAME, code, scanner=BumbleScanner, client=BumbleClient),
        )
        try:
            return await person.connect(self.lamp, lambda meeting: meeting.claim(challenge))
        finally:
            person.companion = own

    async def claim(self, person: Person) -> None:
        assert person.customer
        challenge = self.parts.deliveries.challenge(person.customer, NAME)
        await person.walk_to(self.lamp)
        receipt, _ = await asyncio.gather(self.receipt(person, challenge), self.press_when_asked())
        self.parts.deliveries.claim(person.customer, NAME, CODE, receipt)
        person.enrol()
        await self.world.caught_up(self.lamp)

    async def recognises(self, person: Person) -> bool:
        """Is somebody who stands there and advertises known? They walk away again."""
        await person.walk_to(self.lamp)
        for _ in range(6):
            await person.phone.advertise_now()
            await self.lamp.board.skip(200)
        known = self.console.subject is not None
        await person.walk_away()
        if known:
            await self.world.skip(seconds=110)
            await until("gone", lambda: self.console.subject is None)
        return known

    async def restarts(self) -> None:
        resets = self.lamp.board.resets
        await until("it restarts", lambda: self.lamp.board.resets > resets, 20)
        self.console = Console()

    def people(self) -> list[str]:
        return sorted(one["name"] for one in self.parts.profiles.device(NAME)["people"])


@contextlib.asynccontextmanager
async def home(folder: Path) -> AsyncIterator[Home]:
    async with World(folder, interval_ms=None) as world:
        root = issue.new_authority("Aurora", depth=1)
        line = issue.new_authority("Aurora line 1", root)
        makers.trust(folder / "hub", issue.pem(root.certificate))
        made = Made(NAME, "lamp", claims.digest(CODE), "0" * 64)
        manifest = Manifest("Aurora", "Aurora line 1", "1", 1, (made,))
        world.hub.parts.deliveries.take(sign(manifest, line))
        yield Home(world, await world.device(NAME, "lamp", code=CODE))


async def test_a_device_is_claimed_by_its_label_and_a_press_and_only_once(tmp_path: Path):
    async with home(tmp_path) as at:
        ana, ben = await at.world.person("Ana"), await at.world.person("Ben")
        assert ana.customer and ben.customer
        challenge = at.parts.deliveries.challenge(ben.customer, NAME)
        await ben.walk_to(at.lamp)
        with pytest.raises(CompanionError):
            await at.receipt(ben, challenge, "0" * 16)  # who guesses
        await at.claim(ana)
        assert at.parts.household.members(NAME)[0]["role"] == "owner"
        assert await at.recognises(ana)
        await ben.walk_to(at.lamp)
        with pytest.raises(CompanionError):
            await at.receipt(ben, challenge)  # he has seen the label, and the device has an owner
        with pytest.raises((ConflictError, InvalidError)):
            at.parts.deliveries.claim(ben.customer, NAME, CODE, "0" * 64)
        assert at.people() == ["Ana"]


async def test_a_lost_phone_is_a_stranger_within_seconds_and_the_other_phone_is_not(
    tmp_path: Path,
):
    async with home(tmp_path) as at:
        phone = await at.world.person("Ana")
        await at.claim(phone)
        tablet = await at.world.person("Ana's tablet")
        assert phone.customer and tablet.customer
        one, two = (at.parts.identities.prove(who.customer) for who in (phone, tablet))
        at.parts.identities.link(phone.customer, one, tablet.customer, two)
        await at.world.caught_up(at.lamp)
        tablet.enrol()
        roles = {member["role"] for member in at.parts.household.members(NAME)}
        assert roles == {"owner"}, "both are hers"

        async def loses_it(meeting: Any) -> None:
            assert (await meeting.say(0, 40))["code"] == 40
            began = asyncio.get_running_loop().time()
            told = at.parts.lost.revoke(phone.customer)
            assert [(one["id"], one["online"]) for one in told] == [(NAME, True)]
            await until("it is told", lambda: at.parts.profiles.device(NAME)["waiting"] == 0)
            assert asyncio.get_running_loop().time() - began < 5
            await until("nobody is here", lambda: at.console.subject is None)
            with pytest.raises(CompanionError, match="may not know you"):
                await meeting.about()

        await phone.walk_to(at.lamp)
        await phone.connect(at.lamp, loses_it)  # a session that is open ends as well
        with pytest.raises(CompanionError):
            await phone.connect(at.lamp, lambda meeting: meeting.about())
        assert not await at.recognises(phone)
        assert await at.recognises(tablet)
        await tablet.walk_to(at.lamp)
        about = await tablet.connect(at.lamp, lambda meeting: meeting.about())
        assert about["settings"][0]["code"] == 40, "what is remembered of her stays"
        phone.enrol()  # her next one
        assert await at.recognises(phone)


async def test_a_device_that_nobody_tells_forgets_a_lost_phone_by_itself(tmp_path: Path):
    async with home(tmp_path) as at:
        ana = await at.world.person("Ana")
        await at.claim(ana)
        await at.lamp.board.wifi(False)
        told = at.parts.lost.revoke(ana.customer)
        bound_ms = told[0]["recognition_ends_ms"]
        assert bound_ms - at.world.now_ms() <= 7.6 * 86_400_000
        assert told[0]["sessions_end_ms"] - at.world.now_ms() <= 90 * 86_400_000
        await at.world.skip(ms=bound_ms - at.world.now_ms() - 20 * 60_000)
        assert await at.recognises(ana), "until then nobody has told it"
        await at.world.skip(ms=bound_ms - at.world.now_ms() + 30 * 60_000)
        assert not await at.recognises(ana)
        await ana.walk_to(at.lamp)
        assert (await ana.connect(at.lamp, lambda meeting: meeting.about()))["product"] == "lamp"
        await ana.walk_away()
        await at.world.skip(ms=told[0]["sessions_end_ms"] - at.world.now_ms() + 60_000)
        await ana.walk_to(at.lamp)
        with pytest.raises(CompanionError):
            await ana.connect(at.lamp, lambda meeting: meeting.about())


async def test_a_device_that_is_sold_by_its_owner_is_the_buyers_in_one_act(tmp_path: Path):
    async with home(tmp_path) as at:
        ana, ben = await at.world.person("Ana"), await at.world.person("Ben")
        await at.claim(ana)
        await ana.walk_to(at.lamp)
        await ana.connect(at.lamp, lambda meeting: meeting.say(0, 35))
        await at.world.until_hub_says(ana, "brightness", 35)
        share = at.parts.profiles.credential(ana.customer)["devices"][NAME]
        hint, subject = session.hint_key(bytes.fromhex(share["ticket"])), share["subject"].encode()
        assert hint in flash_of(at) and subject in flash_of(at)

        await asyncio.gather(
            at.restarts(),
            ana.connect(at.lamp, lambda meeting: meeting.reset()),
            at.press_when_asked(),
        )
        await until("the hub knows", lambda: at.people() == [], 30)
        await at.world.caught_up(at.lamp)
        assert hint not in flash_of(at) and subject not in flash_of(at)
        assert not await at.recognises(ana)
        with pytest.raises(CompanionError):
            await ana.connect(at.lamp, lambda meeting: meeting.say(0, 90))
        with pytest.raises(UnknownDeviceError):
            at.parts.household.invite(ana.customer, NAME, ben.customer)
        await at.claim(ben)
        assert at.people() == ["Ben"]
        assert await at.recognises(ben)
        about = await ben.connect(at.lamp, lambda meeting: meeting.about())
        assert about["settings"][0]["code"] == 60, "nothing of Ana is left"


async def test_a_button_held_for_ten_seconds_makes_a_device_nobodys(tmp_path: Path):
    async with home(tmp_path) as at:
        ana = await at.world.person("Ana")
        await at.claim(ana)
        await at.lamp.board.wifi(False)  # nobody tells the hub, until it is back
        held = asyncio.create_task(at.lamp.board.press(BUTTON, 60_000))
        await at.lamp.board.skip(0)
        await asyncio.sleep(0.1)
        for _ in range(RESET_HOLD_MS // 1000):
            with contextlib.suppress(Exception):
                await at.lamp.board.skip(1_000)
        await until("it restarts", lambda: at.lamp.board.resets == 1, 20)
        at.console = Console()
        at.lines.clear()
        held.cancel()
        await until("it is up", lambda: any("sets" in line for line in at.lines))
        assert not await at.recognises(ana)
        assert at.people() == ["Ana"], "the hub has not heard of it"
        await at.lamp.board.wifi(True)
        await at.world.patiently("the hub knows", lambda: at.people() == [])
        assert not await at.recognises(ana)


async def test_only_an_owner_resets_and_only_with_a_press(tmp_path: Path):
    async with home(tmp_path) as at:
        ana, ben = await at.world.person("Ana"), await at.world.person("Ben")
        await at.claim(ana)
        at.parts.household.invite(ana.customer, NAME, ben.customer)
        await at.world.caught_up(at.lamp)
        ben.enrol()
        await ben.walk_to(at.lamp)
        with pytest.raises(RefusedError, match="only its owner"):
            await ben.connect(at.lamp, lambda meeting: meeting.reset())

        async def nobody_presses(meeting: Any) -> None:
            asked = asyncio.create_task(meeting.reset())
            await at.asks()
            await at.lamp.board.skip(31_000)
            with pytest.raises(RefusedError, match="nobody pressed"):
                await asked
            await meeting.about()

        await ana.walk_to(at.lamp)
        await ana.connect(at.lamp, nobody_presses)
        assert at.lamp.board.resets == 0 and at.people() == ["Ana", "Ben"]


async def test_a_guest_is_known_for_hours_and_forgotten_by_hub_and_device(tmp_path: Path):
    async with home(tmp_path) as at:
        ana, ben = await at.world.person("Ana"), await at.world.person("Ben")
        await at.claim(ana)
        at.parts.household.invite(ana.customer, NAME, ben.customer, "guest", hours=2)
        await at.world.caught_up(at.lamp)
        ben.enrol()
        assert await at.recognises(ben)
        await at.lamp.board.wifi(False)
        await at.world.skip(hours=3.1)
        assert not await at.recognises(ben), "the device ends it alone"
        await ben.walk_to(at.lamp)
        with pytest.raises(CompanionError):
            await ben.connect(at.lamp, lambda meeting: meeting.about())
        await at.lamp.board.wifi(True)
        at.parts.household.end_passes()
        assert at.people() == ["Ana"]
        await at.world.caught_up(at.lamp)
        assert await at.recognises(ana)


def flash_of(at: Home) -> bytes:
    return at.lamp.board.image_path.read_bytes()
