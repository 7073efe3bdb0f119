"""An update beside sixteen customers with full windows, in the heap that a board has."""

import asyncio
from pathlib import Path
from typing import Any

from hub.devices.rollout import Plan
from tests.conftest import micropython, require
from tests.factory.test_ota import comes_to, version
from tests.firmware.test_heap import crowd, in_flash
from tools.bench.world import World
from tools.factory import ota
from tools.factory.layout import build_files


async def updated(folder: Path, rom: bool, **board: Any) -> list[str]:
    """What the lamp printed while it was updated; rom: it runs its code in flash."""
    ota.make_key(folder / "signing")
    key = ota.load_key(folder / "signing")
    async with World(folder / "world") as world:
        files = build_files("lamp", ota.modulus(folder / "signing" / ota.PUBLIC), rom)
        lamp = await world.device("one", "lamp", files=files, **board)
        lines: list[str] = []
        lamp.board.on_line = lines.append
        await crowd(world, lamp)
        before = len(lines)
        bundle = ota.sign(version(folder, 2), key, rom=rom)
        world.hub.parts.updates.publish(bundle.content(), Plan())
        await comes_to(world, lamp, ("done", 2))
        return lines[before:]


def test_an_update_fits_beside_sixteen_customers(tmp_path: Path):
    require("a micropython interpreter", micropython())
    during = asyncio.run(updated(tmp_path, rom=False))
    assert not [line for line in during if "Error" in line]


def test_so_does_one_of_code_that_runs_in_flash(tmp_path: Path):
    require("a micropython interpreter", micropython())
    during = asyncio.run(updated(tmp_path, rom=True, **in_flash()))
    assert not [line for line in during if "Error" in line]
