"""Each verb of `rapport companion`, with a real hub, the real firmware and the virtual radio."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from hub.devices import claims, makers
from hub.devices.manifest import Made, Manifest, sign
from hub.link import issue
from tests.conftest import micropython, require
from tools import companion_commands
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central
from tools.bench.console import Console
from tools.bench.room.app import create_app
from tools.bench.room.state import RefusedError
from tools.bench.world import BenchDevice, Person, World, until
from tools.companion import CompanionError

NAME, CODE, BUTTON = "lmp-000001", "7D2KM0QX4VNB9R3T", 6
PATIENCE_S = 60.0


class Terminal:
    """Somebody at a terminal beside a lamp that came from the factory."""

    def __init__(self, world: World, lamp: BenchDevice, ana: Person) -> None:
        self.world, self.lamp, self.ana, self.console = world, lamp, ana, Console()
        self.credential = world.folder / "ana.json"
        self.lines = list[str]()
        lamp.board.on_line = self._said

    def _said(self, line: str) -> None:
        self.lines.append(line)
        self.console.take(line)

    async def types(self, *words: str, key: bool = False) -> str:
        """What is printed; raises what the verb raises."""
        Central(self.ana.phone.device).use()
        more = ("--key", str(self.world.folder / "hub" / "staff.key")) if key else ()
        result = await asyncio.to_thread(
            CliRunner().invoke, companion_commands.app, [*words, *more], catch_exceptions=True
        )
        if result.exception:
            raise result.exception
        return " ".join(result.output.split())

    async def types_and_presses(self, *words: str, key: bool = False) -> str:
        typed = asyncio.create_task(self.types(*words, key=key))
        asks = lambda: typed.done() or any("asks for a press" in line for line in self.lines)  # noqa: E731
        await until("it asks", asks, PATIENCE_S)
        await self.lamp.board.press(BUTTON)
        return await typed

    async def enrols(self) -> str:
        hub, customer = self.world.hub.url, str(self.ana.customer)
        return await self.types("enrol", hub, customer, str(self.credential), key=True)

    @property
    def here(self) -> tuple[str, str]:
        """Which device is meant: looking for whoever answers takes five seconds."""
        return "--address", self.lamp.board.mac

    async def says(self, verb: str, *more: str) -> str:
        return await self.types(verb, str(self.credential), *more, *self.here)


@contextlib.asynccontextmanager
async def terminal(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Terminal]:
    require("a micropython interpreter", micropython())
    loop = asyncio.get_running_loop()

    def on_the_bench(conversation: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(conversation, loop).result()

    patch.setattr(companion_commands, "run", on_the_bench)
    patch.setattr(companion_commands, "radio", {"scanner": BumbleScanner, "client": BumbleClient})
    async with World(folder, interval_ms=None) as world:
        root = issue.new_authority("Aurora", depth=1)
        line = issue.new_authority("Aurora line 1", root)
        makers.trust(folder / "hub", issue.pem(root.certificate))
        made = Made(NAME, "lamp", claims.digest(CODE), "0" * 64)
        world.hub.parts.deliveries.take(sign(Manifest("Aurora", "line", "1", 1, (made,)), line))
        lamp = await world.device(NAME, "lamp", code=CODE)
        ana = await world.person("Ana")
        await ana.walk_to(lamp)
        yield Terminal(world, lamp, ana)


async def test_each_verb_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with terminal(tmp_path, monkeypatch) as at:
        hub, customer = at.world.hub.url, str(at.ana.customer)
        assert "no device yet" in await at.enrols()
        with pytest.raises(CompanionError, match="does not know you"):
            await at.says("look")
        label = f"RPT1:{NAME.upper()}:{CODE}"
        said = await at.types_and_presses("claim", hub, customer, label, *at.here, key=True)
        assert f"{NAME} is yours" in said
        await at.world.caught_up(at.lamp)
        assert f"can speak with {NAME}" in await at.enrols()

        assert "0 visits" in await at.says("look")
        assert "because you asked for it" in await at.says("say", "0", "35")
        await until("it is so", lambda: at.console.codes[:1] == (35,), PATIENCE_S)
        assert "brightness 35 %" in await at.types("look", str(at.credential))
        assert "brightness 35 %" in await at.says("rule", "0", "frozen")
        with pytest.raises(CompanionError, match="not one of"):
            await at.says("rule", "0", "melted")
        assert "brightness" in await at.says("undo")
        await until("it is as before", lambda: at.console.codes[:1] != (35,), PATIENCE_S)
        assert await at.says("mode", "local") == "mode: local"
        assert await at.says("mode", "full") == "mode: full"

        assert f"{NAME}: told now" in await at.types("lost", hub, customer, key=True)
        await at.world.caught_up(at.lamp)
        with pytest.raises(CompanionError):
            await at.says("look")
        await at.enrols()
        assert "visits" in await at.says("look")
        at.lines.clear()
        said = await at.types_and_presses("reset", str(at.credential), *at.here)
        assert "nobody's now" in said
        await until("it restarts", lambda: at.lamp.board.resets == 1, PATIENCE_S)


class Floor:
    """Where somebody walks about; all that the room's page needs for it."""

    def __init__(self) -> None:
        self.walked = list[tuple[str, int, int]]()

    def walk(self, who: str, x_cm: int, y_cm: int) -> None:
        if who != "Ana":
            raise RefusedError(f"Nobody here is called {who}.")
        self.walked.append((who, x_cm, y_cm))


async def test_somebody_is_walked_through_the_demo_s_room():
    floor: Any = Floor()
    server = _Server(uvicorn.Config(create_app(floor), port=0, log_level="warning", ws="none"))
    serving = asyncio.create_task(server.serve())
    await until("it serves", lambda: server.started, PATIENCE_S)
    room = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    def walk(who: str) -> Any:
        words = ["walk", who, "120", "80", "--room", room]
        return CliRunner().invoke(companion_commands.app, words, catch_exceptions=True)

    assert (await asyncio.to_thread(walk, "Ana")).exit_code == 0
    assert floor.walked == [("Ana", 120, 80)]
    assert "Nobody here is called Zoe" in str((await asyncio.to_thread(walk, "Zoe")).exception)
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the test."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
