"""Where everything stands: the plan of the room in cm, and who and what is there at first."""

import os
from typing import NamedTuple

from protocol import gatt
from tools.bench.world import World

WIDTH_CM, HEIGHT_CM = 1000, 560
STREET_CM = 160  # the strip beside the room, drawn much nearer than it is
_TO_THE_STREET_CM = 1500


class Spot(NamedTuple):
    """A device: where it stands, and where somebody stands who uses it."""

    id: str
    product: str
    title: str
    x_cm: int
    y_cm: int
    stand: tuple[int, int]


class Guest(NamedTuple):
    """Somebody: their name, whether the hub knows them, and where they wait at first."""

    name: str
    known: bool
    home: tuple[int, int]


# Far enough apart that using one thing is not being near another.
SPOTS = (
    Spot("lamp-window", "lamp", "Window lamp", 90, 160, (200, 230)),
    Spot("espresso-1", "espresso", "Espresso machine", 620, 62, (620, 200)),
    Spot("lamp-desk", "lamp", "Desk lamp", 900, 480, (800, 500)),
)
GUESTS = (
    Guest("Ana", True, (1080, 130)),
    Guest("Ben", True, (1080, 290)),
    Guest("Stranger", False, (1080, 450)),
)


async def furnish(world: World) -> None:
    """Bring what the room lacks into the world, and let its devices know whom they may know."""
    for spot in SPOTS:
        if spot.id not in world.devices:
            place = {"x_cm": spot.x_cm, "y_cm": spot.y_cm}
            await world.device(spot.id, spot.product, **place)
    for guest in GUESTS:
        if guest.name not in world.people:
            await _invite(world, guest)


def in_room(x_cm: float) -> bool:
    return x_cm < WIDTH_CM


def on_plan(x_cm: float, y_cm: float) -> tuple[float, float]:
    """The nearest place on the plan, room or street."""
    return min(max(x_cm, 0), WIDTH_CM + STREET_CM), min(max(y_cm, 0), HEIGHT_CM)


def real(x_cm: float, y_cm: float) -> tuple[float, float]:
    """A place on the plan as the radio waves find it."""
    return (x_cm if in_room(x_cm) else x_cm + _TO_THE_STREET_CM), y_cm


async def _invite(world: World, guest: Guest) -> None:
    person = await world.person(guest.name, known=guest.known)
    if guest.known:
        await world.link(person, *world.devices.values())
    else:  # the phone of somebody else's customer: right in form, and nobody here can read it
        person.phone.change(gatt.presence_advert(os.urandom(8), os.urandom(2)))
