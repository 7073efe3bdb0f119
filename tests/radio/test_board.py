"""A board on the bench behaves as a board: flash, reset, power, ticks, pins, Wi-Fi."""

import asyncio
import inspect

import pytest

from tools.bench.board import Board, BoardError
from tools.bench.server import Server
from tools.bench.wifi import AccessPoint

COUNTER = """
try:
    with open("count") as file:
        count = int(file.read()) + 1
except OSError:
    count = 1
with open("count", "w") as file:
    file.write(str(count))
print("boot", count)
import asyncio
async def main():
    await asyncio.sleep(3600)
asyncio.run(main())
"""

SLEEPER = """
import asyncio, time
async def main():
    print("ready", time.time())
    start = time.ticks_ms()
    await asyncio.sleep(3600)
    print("slept", time.ticks_diff(time.ticks_ms(), start) // 1000, "by the clock", time.time())
    await asyncio.sleep(3600)
asyncio.run(main())
"""

HANDS = """
import asyncio
from machine import ADC, PWM, Pin
turns = 0
a, b = Pin(4, Pin.IN, Pin.PULL_UP), Pin(5, Pin.IN, Pin.PULL_UP)
lamp = PWM(Pin(2), freq=1000, duty_u16=0)
def turned(pin):
    global turns
    turns += 1 if b.value() else -1
    lamp.duty_u16(32768 + 1000 * turns)
a.irq(turned, Pin.IRQ_FALLING)
def pressed(pin):
    print("released" if pin.value() else "pressed")
Pin(9, Pin.IN, Pin.PULL_UP).irq(pressed, Pin.IRQ_RISING | Pin.IRQ_FALLING)
async def main():
    print("light", ADC(Pin(36)).read_u16())
    while True:
        await asyncio.sleep(60)
        print("light", ADC(Pin(36)).read_u16())
asyncio.run(main())
"""

WIFI = """
import asyncio, network
station = network.WLAN(network.STA_IF)
station.active(True)
station.connect("home", "secret")
async def main():
    while True:
        print("joined" if station.isconnected() else "alone")
        if station.isconnected():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
                print("broker said", await reader.read(5))
                print("link gone", await reader.read(1))
            except OSError as error:
                print("no broker", error.errno)
        await asyncio.sleep_ms(50)
asyncio.run(main())
"""

STRANGE = """
import asyncio, esp32, machine, network, time
nvs, blob = esp32.NVS("rapport"), bytearray(8)
print("blob", bytes(blob[:nvs.get_blob("id", blob)]))
try:
    nvs.get_blob("nothing", blob)
except OSError as error:
    print("missing", error.errno)
machine.WDT(timeout=8000).feed()
print("id", machine.unique_id().hex(), "clock", time.gmtime()[:3])
nvs.set_blob("id", b"other")
nvs.commit()
machine.reset()
"""


async def test_files_stay_on_the_flash_through_a_power_cut(bench, line):
    async with bench:
        board = await bench.board(COUNTER)
        await line(board, "boot 1")
        await board.cut_power()
        assert not board.alive and board.exit_code == -9
        await board.start()
        await line(board, "boot 2")


async def test_nothing_is_written_while_nothing_happens(bench, line):
    async with bench:
        board = await bench.board(SLEEPER)
        await line(board, "ready")
        before = board.image_path.read_bytes()
        await board.skip(1_000_000)
        await board.cut_power()
        assert board.image_path.read_bytes() == before


async def test_an_hour_of_ticks_passes_at_once_and_the_wall_clock_stands(bench, line):
    async with bench:
        board = await bench.board(SLEEPER)
        await line(board, "ready 0")
        await board.skip(3_600_000)
        said = await line(board, "slept")
        _, seconds, *_, clock = said.split()
        assert 3600 <= int(seconds) <= 3602 and int(clock) <= 2


async def test_a_knob_reaches_the_pin_and_the_output_follows(bench, line):
    async with bench:
        board = await bench.board(HANDS)
        await line(board, "light 0")
        seen = []
        board.on_output = lambda pin, duty: seen.append((pin, duty))
        board.turn((4, 5), 3)
        board.turn((4, 5), -1)
        await board.skip(0)
        assert seen == [(2, 33768), (2, 34768), (2, 35768), (2, 34768)]
        assert board.pwm == {2: 34768}


async def test_a_button_and_a_sensor_reach_the_device(bench, line):
    async with bench:
        board = await bench.board(HANDS)
        await board.press(9, ms=10)
        board.analog(36, 12345)
        await board.skip(60_000)
        assert list(board.lines)[-3:] == ["pressed", "released", "light 12345"]


async def test_without_wifi_the_station_is_alone_and_its_links_are_cut(bench, line):
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()

    broker = Server(greet)
    await broker.start()
    point = AccessPoint("127.0.0.1", broker.port)
    await point.start()
    async with bench:
        board = await bench.board(WIFI.replace("PORT", str(point.port)), point=point)
        await line(board, "broker said")
        await board.wifi(False)
        await line(board, "alone")
        assert not any("broker said" in each for each in list(board.lines)[2:])
        board.lines.clear()
        await board.wifi(True)
        await line(board, "broker said")
    await point.stop()
    await broker.stop()


async def test_identity_is_in_nvs_and_a_reset_boots_again(bench, line, until):
    async with bench:
        board = await bench.board(STRANGE, nvs={"id": b"lamp"})
        await line(board, "blob b'other'")
        await board.cut_power()
        assert board.resets >= 1
        mac = board.mac.replace(":", "").lower()
        assert list(board.lines)[:3] == [
            "blob b'lamp'",
            "missing -4354",
            f"id {mac} clock (2000, 1, 1)",
        ]


async def test_the_firmware_has_its_heap_to_itself(bench, line):
    async with bench:
        board = await bench.board("import gc; gc.collect(); print('free', gc.mem_free())")
        free = int((await line(board, "free")).split()[1])
        given = 1024 * inspect.signature(Board).parameters["heap_kb"].default
        assert given - 6_000 < free < given, "all but the interpreter's own tables"


async def test_a_board_that_ends_is_dead_and_says_why(bench, line, until):
    async with bench:
        board = await bench.board("1 / 0")
        await until(lambda: not board.alive, "for its end")
        await line(board, "ZeroDivisionError")
        assert board.exit_code == 1
        with pytest.raises(BoardError, match="lamp is off"):
            await board.skip(0)


async def test_files_can_be_replaced_while_the_board_is_off(bench, line):
    async with bench:
        board = await bench.board("print('old')")
        await board.stop()
        await board.update({"/main.py": b"print('new')", "/deep/down/file": b"x"})
        await board.start()
        await line(board, "new")
