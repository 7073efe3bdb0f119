"""Sessions over Bluetooth: whole messages through bleak, and every way a link can end."""

import asyncio
import contextlib

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from protocol import gatt
from tools.bench.bleak_backend import BumbleClient, BumbleScanner, Central

ECHO = """
import asyncio
from firmware.radio import Radio
def heard(tag, rssi_dbm):
    print("heard", tag)
async def session(connection):
    print("session")
    while True:
        message = await connection.recv()
        if message is None or not await connection.send(message):
            break
    print("over", connection.mtu)
radio = Radio("Lamp", b"about me", heard, session)
radio.table = {b"anna-now": "anna"}
asyncio.run(radio.run())
"""
MESSAGE = bytes(range(250)) * 4


class Talk:
    """What an application does: whole messages over a plain BleakClient."""

    def __init__(self, client: BleakClient) -> None:
        self.client = client
        self._reassembler = gatt.Reassembler()
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def start(self) -> "Talk":
        await self.client.start_notify(gatt.TX_UUID, self._notified)
        return self

    def _notified(self, _, value: bytearray) -> None:
        message = self._reassembler.feed(bytes(value))
        if message is not None:
            self._heard.put_nowait(message)

    async def send(self, message: bytes, unpaced: int = 0) -> None:
        """unpaced: so many fragments are sent between two that the device must confirm."""
        for number, fragment in enumerate(gatt.fragments(message, self.client.mtu_size)):
            paced = number % (unpaced + 1) == unpaced
            await self.client.write_gatt_char(gatt.RX_UUID, fragment, response=paced)

    async def recv(self) -> bytes:
        return await asyncio.wait_for(self._heard.get(), 60)


@contextlib.asynccontextmanager
async def connected(bench, mtu=247, name="phone", lost=None):
    phone = await bench.phone(name=name)
    Central(phone.device, mtu).use()
    lamp = await BleakScanner.find_device_by_name("Lamp", timeout=5, backend=BumbleScanner)
    assert lamp, "no lamp on the air"
    async with BleakClient(lamp, disconnected_callback=lost, backend=BumbleClient) as client:
        yield await Talk(client).start()


@pytest.mark.parametrize("mtu", [23, 185, 247])
@pytest.mark.parametrize("unpaced", [0, 15])
async def test_a_message_of_1000_bytes_comes_back(bench, mtu, unpaced):
    async with bench:
        await bench.board(ECHO)
        async with connected(bench, mtu) as talk:
            assert talk.client.mtu_size == mtu
            await talk.send(MESSAGE, unpaced)
            assert await talk.recv() == MESSAGE


async def test_anybody_can_read_what_the_device_says_of_itself(bench):
    async with bench:
        await bench.board(ECHO)
        async with connected(bench) as talk:
            assert await talk.client.read_gatt_char(gatt.INFO_UUID) == b"about me"


async def test_three_people_talk_at_once_and_a_fourth_waits(bench):
    async with bench, contextlib.AsyncExitStack() as links:
        await bench.board(ECHO)
        talks = []
        for number in range(3):
            talks.append(await links.enter_async_context(connected(bench, name=f"p{number}")))
        messages = [bytes([number]) * 500 for number in range(3)]
        await asyncio.gather(*[t.send(m) for t, m in zip(talks, messages, strict=True)])
        assert [await talk.recv() for talk in talks] == messages
        found = BleakScanner.find_device_by_name("Lamp", timeout=0.5, backend=BumbleScanner)
        assert await found is None
        await talks[0].client.disconnect()
        async with connected(bench, name="fourth") as talk:
            await talk.send(b"hello")
            assert await talk.recv() == b"hello"


async def test_the_device_goes_on_when_the_person_walks_away(bench, line):
    async with bench:
        board = await bench.board(ECHO)
        lost = asyncio.Event()
        async with connected(bench, lost=lambda _: lost.set()):
            await line(board, "session")
            bench.radio.air.place("phone", 10_000, 0)
            await asyncio.wait_for(lost.wait(), 60)
            await line(board, "over")
        async with connected(bench, name="next") as talk:
            await talk.send(b"hello")
            assert await talk.recv() == b"hello"


async def test_the_person_notices_a_power_cut_and_the_lamp_comes_back(bench):
    async with bench:
        board = await bench.board(ECHO)
        lost = asyncio.Event()
        async with connected(bench, lost=lambda _: lost.set()) as talk:
            await board.cut_power()
            await asyncio.wait_for(lost.wait(), 60)
            with pytest.raises(BleakError):
                await talk.send(b"anybody?")
        await board.start()
        async with connected(bench, name="next") as talk:
            await talk.send(b"hello")
            assert await talk.recv() == b"hello"


@pytest.mark.parametrize(
    "fragments",
    [[b""], [b"\x05late"], [b"\x80a", b"\x03hole"], [b"\x80" + bytes(200)] + [b"\x01x"] * 3],
    ids=["empty", "no first", "a hole", "the same twice"],
)
async def test_a_malformed_fragment_ends_its_link_and_nothing_else(bench, line, fragments):
    async with bench:
        board = await bench.board(ECHO)
        lost = asyncio.Event()
        async with connected(bench, lost=lambda _: lost.set()) as talk:
            with contextlib.suppress(BleakError):
                for fragment in fragments:
                    await talk.client.write_gatt_char(gatt.RX_UUID, fragment, response=True)
            await asyncio.wait_for(lost.wait(), 60)
        async with connected(bench, name="next") as talk:
            await talk.send(MESSAGE)
            assert await talk.recv() == MESSAGE
        assert board.alive and not [each for each in board.lines if "rror" in each]


async def test_a_flood_of_fragments_ends_its_link_in_order(bench, until):
    async with bench:
        board = await bench.board(ECHO)
        lost = asyncio.Event()
        async with connected(bench, lost=lambda _: lost.set()) as talk:
            with contextlib.suppress(BleakError):
                for index in range(64):
                    fragment = bytes([index or 0x80]) + bytes(200)
                    await talk.client.write_gatt_char(gatt.RX_UUID, fragment, response=False)
            await asyncio.wait_for(lost.wait(), 60)
        async with connected(bench, name="next") as talk:
            await talk.send(MESSAGE)
            assert await talk.recv() == MESSAGE
        assert board.alive


async def test_a_stack_out_of_buffers_delays_a_message_and_loses_nothing(bench):
    async with bench:
        await bench.board(ECHO)
        async with connected(bench, 185) as talk:
            bench.radio.stations["lamp"].refuse_notifies = 7
            await talk.send(MESSAGE)
            assert await talk.recv() == MESSAGE


async def test_presence_is_heard_during_a_session(bench, line):
    async with bench:
        board = await bench.board(ECHO)
        phone = await bench.phone(name="other")
        async with connected(bench) as talk:
            await talk.send(MESSAGE)
            await phone.advertise_now()
            assert await talk.recv() == MESSAGE
            await line(board, "heard anna")
