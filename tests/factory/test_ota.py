"""From `rapport ota sign` to a lamp that runs the new version and knows the same people."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.bench.board import BoardError
from tools.bench.world import BenchDevice, Person, World, until
from tools.factory import ota
from tools.factory.application import PRODUCTS
from tools.factory.layout import build_files

RAPPORT = Path(sys.executable).with_name("rapport")
KNOB = (4, 5)


def version(folder: Path, number: int, breaks: str = "") -> Path:
    """The lamp as a product of another version; breaks: put before its driver."""
    made = folder / f"v{number}" / "lamp"
    shutil.copytree(PRODUCTS / "lamp", made, ignore=shutil.ignore_patterns("__pycache__"))
    path = made / "product.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": number}))
    driver = made / "driver.py"
    driver.write_text(f"{breaks}\n{driver.read_text()}")
    return made


class Manufacturer:
    """At the terminal, in a folder of their own, beside the hub at a URL with a data folder."""

    def __init__(self, url: str, data: Path, folder: Path) -> None:
        port = url.rpartition(":")[2]
        own = {"RAPPORT_DATA": str(data), "RAPPORT_PORT": port, "COLUMNS": "200"}
        self._environment, self._folder = os.environ | own, folder

    async def run(self, *arguments: str | Path) -> str:
        """What `rapport ...` says."""
        done = await asyncio.to_thread(self._run, *map(str, arguments))
        if done.returncode:
            pytest.fail(done.stderr)
        return " ".join(done.stdout.split())

    def refused(self, *arguments: str) -> str:
        """The sentence with which it refuses."""
        done = self._run(*arguments)
        assert done.returncode == 2, done.stdout + done.stderr
        return " ".join(done.stderr.split())

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [RAPPORT, *arguments],
            capture_output=True, text=True, env=self._environment, cwd=self._folder, check=False,
        )  # fmt: skip

    async def publish(self, product: Path, number: int) -> str:
        await self.run("ota", "sign", product, "--key", "signing")
        return await self.run("ota", "publish", f"lamp-{number}.update", "--percent", "100")


def told(world: World, lamp: BenchDevice) -> tuple[str, int]:
    """(where the hub believes it is with the update, the version it said it runs)."""
    rows = {row["id"]: row for row in world.hub.parts.updates.rollout("lamp")["devices"]}
    about = world.hub.parts.profiles.device(lamp.name)
    return rows.get(lamp.name, {"state": ""})["state"], about["version"]


async def comes_to(world: World, lamp: BenchDevice, wanted: tuple[str, int]) -> None:
    for _ in range(60):
        if told(world, lamp) == wanted:
            return
        await asyncio.sleep(0.5)
        if lamp.board.alive:
            with contextlib.suppress(BoardError):  # it restarts meanwhile
                await world.skip(seconds=20)
        else:  # it ended, and on a board nothing feeds the watchdog any more
            await lamp.start()
    raise AssertionError((told(world, lamp), wanted, list(lamp.board.lines)[-20:]))


async def visits(world: World, ana: Person, lamp: BenchDevice, wanted: int) -> None:
    """She comes, the lamp knows her and does what she had, and she goes."""
    board = lamp.board
    board.lines.clear()
    await ana.walk_to(lamp)
    await ana.phone.advertise_now(5)
    await until("known", lambda: any(line.endswith((" near", " sure")) for line in board.lines))
    await until("hers", lambda: any(line.startswith(f"sets {wanted} ") for line in board.lines))
    await ana.walk_away()
    await world.skip(seconds=101)
    await until("gone", lambda: any("away" in line for line in board.lines))


async def test_a_lamp_is_updated_and_a_bad_version_goes_again_while_people_stay_known(
    tmp_path: Path,
):
    async with World(tmp_path / "world") as world:
        maker = Manufacturer(world.hub.url, world.folder / "hub", tmp_path)
        assert "keep it offline" in await maker.run("ota", "key", "signing")
        files = build_files("lamp", ota.modulus(tmp_path / "signing" / ota.PUBLIC))
        lamp = await world.device("lamp-1", "lamp", files=files, flash_kb=1024)
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        await ana.walk_to(lamp)
        await ana.phone.advertise_now(5)
        await until("known", lambda: any(" near" in line for line in lamp.board.lines))
        lamp.board.turn(KNOB, -5)
        await world.skip(seconds=5)
        await world.until_hub_says(ana, "brightness", 35)
        await ana.walk_away()
        await world.skip(seconds=101)

        said = await maker.publish(version(tmp_path, 2), 2)
        assert said == "lamp version 2 is rolled out to 100 %."
        await until("it fetches", lambda: "update: version 2 fetching" in lamp.board.lines, 30)
        await lamp.board.cut_power()
        assert told(world, lamp) in (("offered", 1), ("fetching", 1))
        await lamp.start()
        await comes_to(world, lamp, ("done", 2))
        assert lamp.board.resets == 1
        await visits(world, ana, lamp, 35)

        broken = version(tmp_path, 3, breaks="raise RuntimeError('a bad day')")
        await maker.publish(broken, 3)
        await comes_to(world, lamp, ("rolled_back", 2))
        await visits(world, ana, lamp, 35)
        status: Any = await maker.run("ota", "status", "lamp")
        assert "rolled_back 1" in status
        assert not [line for line in lamp.board.lines if "Error" in line]
