"""From the line to the hub: what was flashed boots in MicroPython and speaks as who it was made."""

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.factory.floor import CHIP, FLASH, Floor, flashed
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.bench.board import Board
from tools.bench.esp_firmware import IN_FLASH, firmware
from tools.bench.flashed import Flashed
from tools.bench.wifi import AccessPoint
from tools.bench.world import Person, World, until
from tools.companion import with_label
from tools.factory.bundle import read_image
from tools.factory.image import make

RAPPORT = Path(sys.executable).with_name("rapport")


async def test_a_flashed_board_speaks_to_the_hub_that_imported_it_and_is_claimed_once(
    floor: Floor, tmp_path: Path
):
    async with World(tmp_path / "world") as world:
        broker: Any = world.hub.parts.broker
        point = AccessPoint("127.0.0.1", broker.port)
        await point.start()
        floor.use_hub(tmp_path / "world" / "hub")
        batch = floor.provision(2, broker=f"127.0.0.1:{point.port}")
        make("lamp", firmware(CHIP)).write(floor.folder / "lamp")
        work = floor.work(image=read_image(floor.folder / "lamp"))
        rom = floor.board()
        outcome = await flashed(rom, work)
        assert outcome.fault is None

        found = Flashed.of(rom.chip.flash.read(0, FLASH), work.image)
        assert found.device == outcome.device == "lmp-000001"
        board = Board(
            world.radio, tmp_path, found.device, {}, found.nvs,
            point=point, flash=found.vfs, data_kb=found.data_kb,
        )  # fmt: skip
        await board.start()
        try:
            await _meets(world, floor, batch.manifest, board)
        finally:
            await board.stop()
            await point.stop()


async def test_a_flashed_board_that_runs_code_in_its_flash_starts(floor: Floor, tmp_path: Path):
    floor.provision(1)
    make("lamp", firmware(CHIP, **IN_FLASH)).write(floor.folder / "lamp")
    work = floor.work(image=read_image(floor.folder / "lamp"))
    rom = floor.board()
    assert (await flashed(rom, work)).fault is None
    found = Flashed.of(rom.chip.flash.read(0, FLASH), work.image)
    assert found.romfs_kb == 384
    async with World(tmp_path / "world") as world:
        board = Board(
            world.radio, tmp_path, found.device, found.files, found.nvs,
            flash=found.vfs, data_kb=found.data_kb, romfs_kb=found.romfs_kb,
        )  # fmt: skip
        await board.start()
        try:
            await until("it lights", lambda: any(one.startswith("sets ") for one in board.lines))
        finally:
            await board.stop()


async def _meets(world: World, floor: Floor, manifest: Path, board: Board) -> None:
    profiles = world.hub.parts.profiles
    hub = _Desk(world)
    assert profiles.device_names() == []
    status, said = await hub.post("/api/devices/manifests", manifest)
    assert (status, "trusts none yet" in said["error"]) == (422, True)
    hub.run("hub", "trust", str(floor.line / "root.pem"))
    told = await hub.run_beside("hub", "import-devices", str(manifest))
    assert "2 new devices of Aurora" in told
    await until(
        "it is online, under its own name",
        lambda: board.name in profiles.device_names() and profiles.device(board.name)["online"],
        60,
    )
    ana, ben = await world.person("Ana"), await world.person("Ben")
    code = floor.newest.identity(board.name).code
    claim = f"/api/devices/{board.name}/claim"
    asked = await _pressed(world, hub, ana, board, code)
    assert (await hub.post(claim, asked | {"code": "0" * 16}))[0] == 422
    assert (await hub.post(claim, asked | {"receipt": "0" * 64}))[0] == 422
    assert (await hub.post(claim, asked | {"code": code.lower()}))[0] == 201
    await until("it knows Ana", lambda: not profiles.device(board.name)["waiting"], 60)
    status, said = await hub.post(claim, asked | {"customer": ben.customer})
    assert (status, "reset it at the device" in said["error"]) == (409, True)
    assert [one["name"] for one in profiles.device(board.name)["people"]] == ["Ana"]
    assert (await hub.post(f"/api/devices/{board.name}/reset", {}))[0] == 200
    await until("it knows nobody", lambda: not profiles.device(board.name)["waiting"], 60)
    asked = await _pressed(world, hub, ben, board, code)
    assert (await hub.post(claim, asked))[0] == 201
    assert [one["name"] for one in profiles.device(board.name)["people"]] == ["Ben"]
    assert (await hub.post("/api/devices/lmp-000009/reset", {}))[0] == 404


async def _pressed(
    world: World, hub: "_Desk", person: Person, board: Board, code: str
) -> dict[str, Any]:
    """What somebody claims with who has scanned the label and presses the button."""
    path = f"/api/devices/{board.name}/challenge"
    challenge = (await hub.post(path, {"customer": person.customer}))[1]["challenge"]
    Central(person.phone.device).use()
    label = with_label(board.name, code, scanner=BumbleScanner, client=BumbleClient)
    person.place(50, 0)
    world.air.place(board.name, 0, 0)
    async with label.meet(await label.find_one(board.mac), world.now_s()) as meeting:
        board.lines.clear()
        claiming = asyncio.create_task(meeting.claim(challenge))
        await until("it asks", lambda: any("asks for a press" in one for one in board.lines))
        await board.press(6)
        receipt = await claiming
    await person.walk_away()
    return {"customer": person.customer, "code": code, "receipt": receipt}


class _Desk:
    """Staff, who speak to the hub over HTTP and from the terminal."""

    def __init__(self, world: World) -> None:
        self._url, self._data = world.hub.url, world.folder / "hub"
        self._key = (self._data / "staff.key").read_text().strip()

    async def post(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        return await asyncio.to_thread(self._post, path, body)

    def _post(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        content = body.read_bytes() if isinstance(body, Path) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, content, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    async def run_beside(self, *arguments: str) -> str:
        return await asyncio.to_thread(self.run, *arguments)

    def run(self, *arguments: str) -> str:
        port = self._url.rpartition(":")[2]
        environment = {"RAPPORT_DATA": str(self._data), "RAPPORT_PORT": port}
        done = subprocess.run(
            [RAPPORT, *arguments], capture_output=True, text=True, env=environment, check=False
        )
        if done.returncode:
            pytest.fail(done.stderr)
        return " ".join(done.stdout.split())
