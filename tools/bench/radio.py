"""Where simulated devices plug in: a TCP server on 127.0.0.1, one connection a device.

radio = Radio(Air())
await radio.start()
...
await radio.stop()
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from tools.bench.air import Air
from tools.bench.server import Server
from tools.bench.station import Station

Message = dict[str, Any]
Take = Callable[[Message], None]

_ANSWER_TIMEOUT_S = 30.0
_EIO = 5
_log = logging.getLogger(__name__)


class Wire:
    """JSON lines to and from one device: topics out, questions out, calls in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls: dict[str, Callable[..., Awaitable[Any]]] = {}
        self.told: dict[str, Take] = {}
        self._reader, self._writer = reader, writer
        self._asked: dict[int, asyncio.Future[Message]] = {}
        self._questions = 0

    def send(self, topic: str, **values: Any) -> None:
        self._write({"t": topic, **values})

    async def ask(self, topic: str, **values: Any) -> Message:
        """Send a topic the device answers; ConnectionError if it is gone before."""
        self._questions += 1
        question = self._questions
        answer = self._asked[question] = asyncio.get_running_loop().create_future()
        self.send(topic, q=question, **values)
        try:
            return await asyncio.wait_for(answer, _ANSWER_TIMEOUT_S)
        finally:
            self._asked.pop(question, None)

    async def run(self) -> None:
        """Serve the device until it is gone."""
        try:
            while line := await self._reader.readline():
                await self._take(json.loads(line))
        except ConnectionError:
            pass
        finally:
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the device is gone"))
            self._writer.close()

    def close(self) -> None:
        self._writer.close()

    def _write(self, message: Message) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    async def _take(self, message: Message) -> None:
        if "a" in message:
            answer = self._asked.get(message["a"])
            if answer and not answer.done():
                answer.set_result(message)
            for _ in range(3):  # an ATT response leaves before what the firmware sends next
                await asyncio.sleep(0)
            return
        method, number = message.pop("m"), message.pop("i", None)
        if number is None:
            self.told.get(method, _ignore)(message)
            return
        try:
            result = await self.calls[method](**message)
            self._write({"i": number, "r": result})
        except OSError as error:
            self._write({"i": number, "e": error.errno or _EIO})
        except Exception:  # noqa: BLE001  the device sees an error, as from a stack
            _log.exception("%s failed", method)
            self._write({"i": number, "e": _EIO})


class Radio:
    """The server; `expect` a device by name before it starts, to share its connection."""

    def __init__(self, air: Air | None = None) -> None:
        self.air = air or Air()
        self.stations: dict[str, Station] = {}
        self._expected: dict[str, Callable[[Wire], list[Message]]] = {}
        self._server = Server(self._plugged)

    @property
    def port(self) -> int:
        return self._server.port

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    def expect(self, name: str, plugged: Callable[[Wire], list[Message]]) -> None:
        """`plugged` is told of each connection of this device; it answers the first topics."""
        self._expected[name] = plugged

    async def _plugged(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        station: Station | None = None

        async def hello(name: str, mac: str) -> list[Message]:
            nonlocal station
            station = self.stations[name] = Station(self.air, wire, name, mac)
            return self._expected.get(name, _nothing)(wire)

        wire.calls["hello"] = hello
        wire.told["nudge"] = lambda message: wire.send("nudge")
        try:
            await wire.run()
        finally:
            if station:
                station.power_lost()


def _ignore(message: Message) -> None:
    pass


def _nothing(wire: Wire) -> list[Message]:
    return []
