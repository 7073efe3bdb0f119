"""Sixteen customers who have used a lamp for long: the most that one device has to know."""

from random import Random

from hub.draft import Draft
from hub.past.record import known
from hub.people.customer import Customer
from protocol.window import DAYPARTS, MOST_ROWS, Row
from tools.bench.world import BenchDevice, Person, World

LAMP = "lamp"
KNOB = (4, 5)  # the lamp's pins
DEFAULT_PERCENT = 60  # its brightness for nobody
MOST_PEOPLE = 16
ROOMY_KB = 300  # a heap in which nothing is tight; `device` tells how much it takes

_DIM = (25, 30, 30, 30, 35)  # what they like is not the default: the light shows who is there
_WARMTHS_K, _COLOURS = (2500, 2700, 3000), (0xFFFFFF, 0xFFB066)
_FIRST_MS = 1_760_000_000_000


async def crowd(world: World, chance: Random, count: int, *devices: BenchDevice) -> Person:
    """Let devices know so many customers, each with a full window; the last of them is Ana."""
    profiles = world.hub.parts.profiles
    for number in range(1, count):
        customer = profiles.welcome(f"Somebody {number}")
        _remember(world, customer, chance)
        for device in devices:
            profiles.link(customer, device.name)
            await world.caught_up(device)
    ana = await world.person("Ana")
    assert ana.customer
    _remember(world, ana.customer, chance)
    await world.link(ana, *devices)
    return ana


def window(chance: Random) -> list[Row]:
    """The newest visits of somebody who likes it dim, at all times of day."""
    return [_visit(chance, number) for number in range(MOST_ROWS)]


def _visit(chance: Random, number: int) -> Row:
    codes = (chance.choice(_DIM), chance.choice(_WARMTHS_K), chance.choice(_COLOURS))
    values = tuple((index, code, chance.randrange(2)) for index, code in enumerate(codes))
    stamp = (_FIRST_MS + number * 60_000, number)
    return Row(chance.randbytes(8), stamp, number % DAYPARTS, values)


def _remember(world: World, customer: str, chance: Random) -> None:
    draft = Draft(world.hub.parts.store)
    person = Customer(draft, customer)
    use = known(person, world.hub.parts.profiles.products[LAMP])
    use.known.rows = window(chance)
    person.keep_use(LAMP, use)
    draft.commit()
