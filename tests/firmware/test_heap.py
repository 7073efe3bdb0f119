"""The whole firmware in a board's heap: sixteen customers, TLS up, a visit and a session.

In 105 KB of 32 bits with its code in flash, where MICROPYTHON32 names such an interpreter; else in
what the same takes of 64 bits.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.draft import Draft
from hub.past.record import known
from hub.people.customer import Customer
from protocol.window import DAYPARTS, MOST_ROWS, Row
from tests.conftest import micropython, require
from tools.bench.interpreter import narrow, usual
from tools.bench.world import BenchDevice, Person, World, until
from tools.factory.layout import MAIN, build_files

IN_FLASH_KB = {32: 105, 64: 172}  # bits of the interpreter -> heap
ROMFS_KB = 256
SPARE_KB = 10  # that stay free beside all that is alive
OTHERS = 15  # beside Ana; a device knows sixteen
WATCHED_MAIN = b"""
import asyncio, gc
async def watch():
    least, looks = 1 << 29, 0
    while True:
        if looks % 10 == 0:
            gc.collect()
            if gc.mem_free() < least:
                least = gc.mem_free()
                print("heap", least)
        looks += 1
        await asyncio.sleep_ms(20)
asyncio.create_task(watch())
from firmware.start import start
start()
"""
HANDS = {"lamp": lambda board: board.turn((4, 5), -5), "espresso": lambda board: board.press(4)}
WISHES = {"lamp": ("brightness", 80), "espresso": ("strength", "strong")}


def in_flash() -> dict[str, Any]:
    """Arguments of a Board that runs code in its flash, as narrow as there is one."""
    interpreter = narrow() or usual()
    heap_kb = IN_FLASH_KB[interpreter.bits]
    return {"interpreter": interpreter, "heap_kb": heap_kb, "romfs_kb": ROMFS_KB}


def codes(product: str, visit: int) -> tuple[int, ...]:
    """What somebody chose who never chooses the same twice: such a window takes most room."""
    if product == "lamp":
        return visit * 15 % 105, 2200 + visit * 100, 0xFFFFFF - visit
    return visit % 3, 20 + visit * 10 % 110, 85 + visit % 12


def full_window(product: str) -> list[Row]:
    """Visits in which a hand corrected everything now and then."""
    return [
        Row(
            bytes([visit]) * 8,
            (1_760_000_000_000 + visit * 60_000, visit),
            visit % DAYPARTS,
            tuple((index, code, visit & 1) for index, code in enumerate(codes(product, visit))),
        )
        for visit in range(MOST_ROWS)
    ]


def remember(world: World, customer: str, product: str) -> None:
    """Let the hub know a customer who has used a product for long."""
    draft = Draft(world.hub.parts.store)
    person = Customer(draft, customer)
    use = known(person, world.hub.parts.profiles.products[product])
    use.known.rows = full_window(product)
    person.keep_use(product, use)
    draft.commit()


async def crowd(world: World, device: BenchDevice) -> Person:
    """Sixteen customers with full windows come to know a device; the last of them is Ana."""
    profiles = world.hub.parts.profiles
    for number in range(OTHERS):
        customer = profiles.welcome(f"Somebody {number}")
        remember(world, customer, device.product)
        profiles.link(customer, device.name)
        await world.caught_up(device)
    ana = await world.person("Ana")
    assert ana.customer
    remember(world, ana.customer, device.product)
    await world.link(ana, device)
    return ana


async def visit(world: World, device: BenchDevice, ana: Person) -> None:
    """Ana is recognised, sets something by hand, speaks with the device, is asked for, and goes."""
    board, profiles = device.board, world.hub.parts.profiles
    await ana.walk_to(device)
    await ana.phone.advertise_now(5)
    await until("recognised", lambda: any(line.endswith(" sure") for line in board.lines))
    hand = HANDS[device.product](board)
    if hand:
        await hand
    await board.skip(2_000)

    async def talk(meeting: Any) -> None:
        assert len((await meeting.about())["settings"]) == 3
        profiles.wish(ana.customer, device.product, *WISHES[device.product], by="Sam")
        await world.caught_up(device)
        await meeting.say(1, codes(device.product, 1)[1])
        assert len((await meeting.about())["settings"]) == 3

    await ana.connect(device, talk)
    await ana.walk_away()
    await world.skip(seconds=101)
    await until("gone", lambda: any("away" in line for line in board.lines))
    await world.caught_up(device)


async def live(folder: Path, product: str, **made: Any) -> list[str]:
    """A day with sixteen customers and a restart; what the device printed."""
    async with World(folder) as world:
        device = await world.device("one", product, **made)
        lines: list[str] = []
        device.board.on_line = lines.append
        ana = await crowd(world, device)
        await visit(world, device, ana)
        await device.board.cut_power()
        device.board.lines.clear()
        await device.start()
        await world.caught_up(device)
        await visit(world, device, ana)
        return lines


@pytest.mark.parametrize("product", ["lamp", "espresso"])
def test_sixteen_customers_fit_into_a_board(product: str, tmp_path: Path):
    require("a micropython interpreter", micropython())
    lines = asyncio.run(live(tmp_path / "plain", product))
    assert not [line for line in lines if "Error" in line]

    files = build_files(product) | {MAIN: WATCHED_MAIN}
    lines = asyncio.run(live(tmp_path / "watched", product, files=files))
    free_bytes = [int(line.split()[1]) for line in lines if line.startswith("heap ")]
    assert min(free_bytes) >= SPARE_KB * 1024, f"{product}: {min(free_bytes)} bytes stay free"
    print(f"{product}: at least {min(free_bytes) / 1024:.1f} KB of the heap stay free")  # noqa: T201


@pytest.mark.parametrize("product", ["lamp", "espresso"])
def test_with_code_in_flash_less_is_enough(product: str, tmp_path: Path):
    require("a micropython interpreter", micropython())
    files = build_files(product, rom=True) | {MAIN: WATCHED_MAIN}
    lines = asyncio.run(live(tmp_path, product, files=files, **in_flash()))
    assert not [line for line in lines if "Error" in line]
    free_bytes = [int(line.split()[1]) for line in lines if line.startswith("heap ")]
    assert min(free_bytes) >= SPARE_KB * 1024, f"{product}: {min(free_bytes)} bytes stay free"
