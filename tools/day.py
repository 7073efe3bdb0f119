"""The scripted day: what happens, step by step, and what has to come of it.

The docstring of a step is what is shown; it returns what came of it, or raises WrongError or
WaitError.
"""

import asyncio
from collections.abc import Awaitable, Callable

from tools.bench.console import Console
from tools.bench.world import BenchDevice, Person, World, until

KNOB = (4, 5)
BREW = 22
BRIGHTNESS, DETENT = 0, 5
_PRESS_MS = 80

Step = Callable[["Day"], Awaitable[str]]


class WrongError(Exception):
    """A step did not come out as it should; the text says how."""


class Day:
    """Who and what takes part; each is there once its step has been played."""

    window: BenchDevice
    desk: BenchDevice
    machine: BenchDevice
    ana: Person
    ben: Person
    stranger: Person

    def __init__(self, world: World) -> None:
        self.world = world
        self.consoles: dict[str, Console] = {}

    def console(self, device: BenchDevice) -> Console:
        return self.consoles[device.name]

    def about(self, person: Person) -> dict:
        assert person.customer
        return self.world.hub.parts.profiles.about(person.customer)

    def visits(self, person: Person, product: str) -> int:
        return sum(u["visits"] for u in self.about(person)["use"] if u["product"] == product)

    async def new_device(self, name: str, product: str, x_cm: float) -> BenchDevice:
        device = await self.world.device(name, product, x_cm=x_cm)
        self.watch(device)
        return device

    def watch(self, device: BenchDevice) -> None:
        console = self.consoles[device.name] = Console()
        device.board.on_line = console.take

    async def come(self, person: Person, device: BenchDevice) -> tuple[int, ...]:
        """Walk up and be recognised; what the device is set to then."""
        return await person.come(device, self.console(device))

    async def go(self, person: Person, device: BenchDevice) -> tuple[int, ...]:
        """Walk away and be missed; what the device is set to then."""
        return await person.leave(device, self.console(device))

    async def turn(self, device: BenchDevice, brightness: int) -> None:
        """Turn a lamp's knob until it is this bright."""
        console = self.console(device)
        device.board.turn(KNOB, (brightness - console.codes[BRIGHTNESS]) // DETENT)
        await until(
            f"{device.name} shines at {brightness} %",
            lambda: console.codes[BRIGHTNESS] == brightness,
        )

    async def saved(self, person: Person, product: str, visits: int) -> None:
        await self.world.patiently(
            f"the hub knows {visits} visits of {person.name}",
            lambda: self.visits(person, product) == visits,
        )


def expect(what: str, got: object, wanted: object) -> None:
    """WrongError unless they are equal."""
    if got != wanted:
        raise WrongError(f"{what}: {got}, not {wanted}")


async def set_up(day: Day) -> str:
    """Two lamps, an espresso machine, Ana, Ben and a stranger come together."""
    world = day.world
    day.window = await day.new_device("lamp-window", "lamp", 0)
    day.machine = await day.new_device("espresso-1", "espresso", 5_000)
    day.ana, day.ben = await world.person("Ana"), await world.person("Ben")
    day.stranger = await world.person("a stranger", known=False)
    for person in (day.ana, day.ben):
        await world.link(person, day.window, day.machine)
    return "both devices know Ana and Ben; nobody is near"


async def first_visit(day: Day) -> str:
    """Ana walks up to the lamp for the first time."""
    codes = await day.come(day.ana, day.window)
    expect("brightness", codes[BRIGHTNESS], 60)
    return "recognised; nothing learned yet, so the default: 60 %"


async def adjust(day: Day) -> str:
    """She turns the knob to 35 % and leaves."""
    await day.turn(day.window, 35)
    codes = await day.go(day.ana, day.window)
    expect("brightness for nobody", codes[BRIGHTNESS], 60)
    await day.saved(day.ana, "lamp", 1)
    return "35 % at once; remembered; the lamp is back at 60 % for nobody"


async def come_back(day: Day) -> str:
    """She returns."""
    codes = await day.come(day.ana, day.window)
    expect("brightness", codes[BRIGHTNESS], 35)
    lines = await day.ana.connect(day.window, lambda meeting: meeting.about())
    why = lines["settings"][BRIGHTNESS]["why"]
    at_hub = day.about(day.ana)["settings"]
    await day.go(day.ana, day.window)
    return f"35 %. The lamp says: {why}" if at_hub else ""


async def ben_differs(day: Day) -> str:
    """Ben comes, takes 85 %, goes, and comes again."""
    expect("brightness at first", (await day.come(day.ben, day.window))[BRIGHTNESS], 60)
    await day.turn(day.window, 85)
    await day.go(day.ben, day.window)
    expect("his brightness", (await day.come(day.ben, day.window))[BRIGHTNESS], 85)
    await day.go(day.ben, day.window)
    expect("Ana's", (await day.come(day.ana, day.window))[BRIGHTNESS], 35)
    await day.go(day.ana, day.window)
    return "his own 85 %; Ana's 35 % is untouched"


async def stranger(day: Day) -> str:
    """A stranger uses the lamp for an hour."""
    await day.world.caught_up(day.window)
    before = day.window.board.image_path.read_bytes()
    await day.stranger.walk_to(day.window)
    for _ in range(5):
        await day.stranger.phone.advertise_now()
        await day.world.skip(seconds=3)
    console = day.console(day.window)
    expect("brightness", console.codes[BRIGHTNESS], 60)
    await day.turn(day.window, 100)
    await day.world.skip(hours=1)
    await day.stranger.walk_away()
    await day.turn(day.window, 60)
    expect("recognised", console.subject, None)
    after = day.window.board.image_path.read_bytes()
    expect(
        "bytes of flash that changed", sum(a != b for a, b in zip(before, after, strict=True)), 0
    )
    return "the default, full use of the knob; not one byte of flash changed"


async def power_cut(day: Day) -> str:
    """The plug is pulled while Ana is there, and put back."""
    await day.come(day.ana, day.window)
    await day.turn(day.window, 40)
    await day.world.skip(seconds=3)
    await day.window.board.cut_power()
    day.console(day.window).take("sees 0000000000000000 away")
    await day.window.board.start()
    await day.world.caught_up(day.window)
    codes = await day.come(day.ana, day.window)
    await day.go(day.ana, day.window)
    expect("brightness", codes[BRIGHTNESS] in (35, 40), True)
    return f"all is still there: {codes[BRIGHTNESS]} % for Ana"


async def second_lamp(day: Day) -> str:
    """A second lamp is unpacked and linked to her."""
    expected = _expected(day, day.ana)
    day.desk = await day.new_device("lamp-desk", "lamp", 10_000)
    await day.world.link(day.ana, day.desk)
    codes = await day.come(day.ana, day.desk)
    expect("brightness", codes[BRIGHTNESS], expected)
    await day.go(day.ana, day.desk)
    return f"it knows her after one sync: {expected} %, no input"


async def coffee(day: Day) -> str:
    """Ana brews two cups, one of them hotter."""
    await day.come(day.ana, day.machine)
    await day.machine.board.press(19, _PRESS_MS)
    await until("hotter", lambda: day.console(day.machine).codes[2] == 93)
    for _ in range(2):
        await day.machine.board.press(BREW, _PRESS_MS)
        await asyncio.sleep(_PRESS_MS / 1000)
    await day.go(day.ana, day.machine)
    await day.saved(day.ana, "espresso", 1)
    counters = {c["name"]: c["total"] for u in day.about(day.ana)["use"] for c in u["counters"]}
    expect("cups at the hub", counters.get("cups"), 2)
    expect("since descaling", counters.get("since_descaling"), 2)
    return "93 °C; two cups and two towards descaling, counted once"


async def hub_off(day: Day) -> str:
    """The hub is off all day; both keep using the lamp."""
    before = {p.name: day.visits(p, "lamp") for p in (day.ana, day.ben)}
    await day.world.hub.stop()
    for _ in range(3):
        for person, brightness in ((day.ana, 30), (day.ben, 90)):
            await day.come(person, day.window)
            await day.turn(day.window, brightness)
            await day.go(person, day.window)
        await day.world.skip(hours=3)
    await day.world.hub.start()
    await day.world.skip(seconds=60)  # devices look for their broker every half minute
    for person in (day.ana, day.ben):
        await day.saved(person, "lamp", before[person.name] + 3)
    await day.world.caught_up(day.window)
    return "six visits, all worked; the hub caught up: three each, none lost, none twice"


async def wish(day: Day) -> str:
    """Support sets Ben's lamp to 50 % at his request."""
    profiles = day.world.hub.parts.profiles
    assert day.ben.customer
    profiles.wish(day.ben.customer, "lamp", "brightness", 50, "Sam (support)", "Ben called")
    await day.world.caught_up(day.window)
    expect("brightness", (await day.come(day.ben, day.window))[BRIGHTNESS], 50)
    await day.go(day.ben, day.window)
    return "50 %, said by Sam, applied when Ben came"


async def same_answer(day: Day) -> str:
    """Lamp and hub are asked the same: what would Ana get, and why."""
    await day.world.caught_up(day.window)
    lines = await day.ana.connect(day.window, lambda meeting: meeting.about())
    at_device = [line["why"] for line in lines["settings"]]
    at_hub = [s["why"] for s in day.about(day.ana)["settings"] if s["product"] == "lamp"]
    expect("the lamp's reasons", at_device, at_hub)
    return f"word for word the same: {at_device[0]}"


def _expected(day: Day, person: Person) -> int:
    lines = day.about(person)["settings"]
    return next(s["value"] for s in lines if s["setting"] == "brightness")


DAY: tuple[Step, ...] = (
    set_up,
    first_visit,
    adjust,
    come_back,
    ben_differs,
    stranger,
    power_cut,
    second_lamp,
    coffee,
    hub_off,
    wish,
    same_answer,
)
