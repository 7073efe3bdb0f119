"""A board on the bench: MicroPython in a device's heap, running what is on its flash image.

board = Board(radio, folder, "lamp-0001", build_files("lamp"), {"id": b"lamp-0001"})
await board.start()
board.turn((4, 5), 3)
await board.cut_power()
"""

import asyncio
import contextlib
import os
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.bench.interpreter import BoardError, Interpreter, usual
from tools.bench.radio import Message, Radio, Wire
from tools.bench.wifi import AccessPoint
from tools.factory.application import compiled
from tools.factory.layout import ROM_PATH, build_files

__all__ = ["Board", "BoardError", "build_files"]

_DEVICE = Path(__file__).with_name("device")
_NVS_NAMESPACE = "rapport"
_MOST_LINES = 1000
_BOOT_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 2.0
_DETENT = ((0, 0), (1, 0), (0, 1), (1, 1))  # (pin of the pair, level): one quadrature cycle


class Board:
    """One device, its flash in folder/<name>.flash, its NVS in folder/<name>.nvs.

    files (image path -> content) and nvs (key -> blob, namespace "rapport") are written when the
    image does not exist yet: as from the factory. flash: what the flash holds then, in the place of
    files. data_kb, romfs_kb: of partitions of that name in folder/<name>.data, 0 for none; the
    second runs code where it lies, so files are those of such a board then. `point` is the Wi-Fi it
    joins, if any. interpreter: usual() where it is None.
    heap_kb is what the firmware has. By default it is what both products need with sixteen
    customers, a visit and a session (tests/firmware/test_heap.py) and room for garbage between
    collections. What the same takes elsewhere is in docs/decisions/0006.
    Callbacks: on_output(pin, duty_u16), on_line(text), both on the event loop.
    """

    def __init__(
        self,
        radio: Radio,
        folder: Path,
        name: str,
        files: dict[str, bytes],
        nvs: dict[str, bytes] | None = None,
        *,
        point: AccessPoint | None = None,
        heap_kb: int = 216,
        flash_kb: int = 1024,
        flash: bytes = b"",
        data_kb: int = 0,
        romfs_kb: int = 0,
        interpreter: Interpreter | None = None,
    ) -> None:
        self.name, self.point = name, point
        self.image_path = folder / f"{name}.flash"
        self.pwm: dict[int, int] = {}
        self.lines: deque[str] = deque(maxlen=_MOST_LINES)
        self.on_output: Callable[[int, int], Any] = lambda pin, duty: None
        self.on_line: Callable[[str], Any] = lambda line: None
        self.exit_code: int | None = None
        self.resets = 0
        self._radio, self._folder, self._files, self._nvs = radio, folder, files, nvs or {}
        self._nvs_folder = folder / f"{name}.nvs"
        self._heap_kb, self._flash_kb = heap_kb, flash_kb
        self._flash, self._data_kb, self._romfs_kb = flash, data_kb, romfs_kb
        self._interpreter = interpreter
        self._inputs: dict[int, int] = {}
        self._wifi = True
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._wire: Wire | None = None
        self._booted = asyncio.Event()
        self._powered = self._resetting = False
        radio.expect(name, self._plugged)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def mac(self) -> str:
        """Made of the name: a board keeps its address."""
        tail = zlib.crc32(self.name.encode()).to_bytes(4, "big")[1:]
        return "24:6F:28:" + tail.hex(":").upper()

    async def start(self) -> None:
        """Power on; returns when the flash is mounted and main.py is about to run."""
        if self.alive:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.image_path.exists():
            await self._manufacture()
        self.exit_code, self._powered = None, True
        self._booted.clear()
        self._watch = asyncio.create_task(self._follow())
        booted = asyncio.create_task(self._booted.wait())
        await asyncio.wait(
            (booted, self._watch), timeout=_BOOT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
        )
        booted.cancel()
        if not self._booted.is_set():
            await self.cut_power()
            raise BoardError(f"{self.name} does not boot{self._tail()}")

    async def stop(self) -> None:
        """Ask it to end, and see to it that it has."""
        if self.alive and self._wire:
            self._wire.send("off")
            with contextlib.suppress(TimeoutError):
                assert self._process
                await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT_S)
        await self.cut_power()

    async def cut_power(self) -> None:
        """The plug is pulled: no farewell to anybody, the flash stays as it is this instant."""
        self._powered = False
        self._kill()
        if self._watch:
            await self._watch

    async def update(self, files: dict[str, bytes]) -> None:
        """Write files into the image of a board that is off."""
        if self.alive:
            raise BoardError(f"{self.name} is running; its flash cannot be written")
        content = b"".join(
            b"%d %s\n" % (len(data), path.encode()) + data for path, data in files.items()
        )
        process = await self._micropython("fill", str(self.image_path))
        output, _ = await process.communicate(content)
        if process.returncode:
            raise BoardError(f"cannot fill {self.image_path}: {output.decode()}")

    async def wifi(self, on: bool) -> None:
        self._wifi = on
        self._tell("wifi", v=on)
        if self.point:
            await self.point.switch(on)

    def turn(self, pins: tuple[int, int], detents: int) -> None:
        """Turn a quadrature knob; positive: pin a leads. Both contacts rest open (1)."""
        a, b = pins if detents > 0 else reversed(pins)
        for _ in range(abs(detents)):
            self._tell("pins", v=[[(a, b)[which], level] for which, level in _DETENT])

    async def press(self, pin: int, ms: int = 50) -> None:
        """Hold a button to ground for ms of real time."""
        self._tell("pins", v=[[pin, 0]])
        await asyncio.sleep(ms / 1000)
        self._tell("pins", v=[[pin, 1]])

    def analog(self, pin: int, u16: int) -> None:
        """What ADC.read_u16 gives from now on, 0 to 65535."""
        self._inputs[pin] = u16
        self._tell("adc", p=pin, v=u16)

    async def skip(self, ms: int) -> None:
        """Let the device's ticks jump forward; on return all that was due has run once.

        skip(0) waits until the device has taken everything sent to it before.
        """
        if not self._wire or not self.alive:
            raise BoardError(f"{self.name} is off")
        try:
            await self._wire.ask("skip", v=ms)
        except (ConnectionError, TimeoutError) as error:
            raise BoardError(f"{self.name} did not act on a skip: {error}{self._tail()}") from None

    # Inside.

    async def _manufacture(self) -> None:
        self._nvs_folder.mkdir(exist_ok=True)
        for key, blob in self._nvs.items():
            (self._nvs_folder / f"{_NVS_NAMESPACE}.{key}").write_bytes(blob)
        files = dict(self._files)
        partitions = {".data": (self._data_kb, b"")}
        partitions[".romfs"] = self._romfs_kb, files.pop(ROM_PATH, b"")
        for label, (size_kb, content) in partitions.items():
            if size_kb:
                whole = content.ljust(size_kb * 1024, b"\xff")
                self.image_path.with_suffix(label).write_bytes(whole)
        if self._flash:
            self.image_path.write_bytes(self._flash)
            return
        unfinished = self.image_path
        unfinished.write_bytes(b"\xff" * (self._flash_kb * 1024))
        try:
            await self.update(files)
        except BaseException:
            unfinished.unlink()
            raise

    async def _power_on(self) -> asyncio.subprocess.Process:
        self._resetting = False
        return await self._micropython(
            "start",
            str(self._radio.port),
            self.name,
            self.mac,
            str(self.image_path),
            str(self._nvs_folder),
            heap_kb=self._heap_kb,
            mapped_kb=self._romfs_kb,
        )

    async def _micropython(
        self, module: str, *arguments: str, heap_kb: int = 1024, mapped_kb: int = 0
    ) -> asyncio.subprocess.Process:
        stand_ins = self._folder / "stand-ins"
        stand_ins.mkdir(exist_ok=True)
        for source in _DEVICE.glob("*.py"):
            _write_once(stand_ins / f"{source.stem}.mpy", compiled(source))
        chosen = self._interpreter or usual()
        heap_bytes = chosen.heap_bytes(heap_kb, mapped_kb)
        return await asyncio.create_subprocess_exec(
            chosen.path,
            *("-X", f"heapsize={heap_bytes}", "-m", module, *arguments),
            env={**os.environ, "MICROPYPATH": f"{stand_ins}:.frozen"},
            stdin=asyncio.subprocess.PIPE if module == "fill" else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def _follow(self) -> None:
        """Run until the power goes, through all resets."""
        while self._powered:
            self._process = process = await self._power_on()
            if not self._powered:
                process.kill()  # it went while the interpreter was starting
            assert process.stdout  # a pipe
            while line := await process.stdout.readline():
                text = line.decode(errors="replace").rstrip()
                self.lines.append(text)
                self.on_line(text)
            self.exit_code = await process.wait()
            self._wire = None
            self.pwm.clear()
            if not self._resetting:
                return
            self.resets += 1

    def _plugged(self, wire: Wire) -> list[Message]:
        self._wire = wire
        wire.told["out"] = self._put_out
        wire.told["reset"] = self._reset
        self._booted.set()
        inputs = [{"t": "adc", "p": pin, "v": u16} for pin, u16 in self._inputs.items()]
        return [*inputs, {"t": "wifi", "v": self._wifi}]

    def _put_out(self, message: Message) -> None:
        pin, duty = message["p"], message["v"]
        self.pwm[pin] = duty
        self.on_output(pin, duty)

    def _reset(self, message: Message) -> None:
        self._resetting = True
        self._kill()

    def _kill(self) -> None:
        if self._process and self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _tell(self, topic: str, **values: Any) -> None:
        if self._wire and self.alive:
            self._wire.send(topic, **values)

    def _tail(self) -> str:
        return "".join(f"\n  | {line}" for line in list(self.lines)[-20:])


def _write_once(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
