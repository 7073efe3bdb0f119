"""firmware/radio.py hears the people it knows, how near they are, and nobody else."""

import pytest

from protocol import gatt

LISTENER = """
import asyncio, gc
from firmware.radio import Radio
def heard(tag, rssi_dbm):
    print("heard", tag, rssi_dbm)
async def session(connection):
    pass
async def main():
    radio = Radio("Lamp", b"", heard, session)
    radio.table = {b"anna-now": "anna", b"annalate": "anna"}
    radio.sought = lambda identifier: print("sought", identifier)
    radio.seeking = SEEKING
    asyncio.create_task(radio.run())
    await asyncio.sleep_ms(200)
    print("listens")
    while True:
        await asyncio.sleep(60)
        gc.collect()
        print("state", gc.mem_free(), radio.dropped, radio.restarts)
asyncio.run(main())
"""


async def listening(bench, line, seeking=False):
    board = await bench.board(LISTENER.replace("SEEKING", str(seeking)))
    await line(board, "listens")
    return board


def said(board, text):
    return [each for each in board.lines if text in each]


@pytest.mark.parametrize(("metres", "dbm"), [(0.5, -52), (1, -59), (3, -69), (10, -81)])
async def test_a_known_person_is_heard_with_the_rssi_of_their_distance(bench, line, metres, dbm):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone()
        phone.move(metres * 100, 0)
        await phone.advertise_now()
        await line(board, f"heard anna {dbm}")


async def test_who_walks_out_of_range_is_no_longer_heard(bench, line):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone()
        phone.move(5000, 0)
        await phone.advertise_now(5)
        await board.skip(0)
        assert not said(board, "heard")
        phone.move(4000, 0)
        await phone.advertise_now()
        await line(board, "heard anna -94")


async def test_a_stranger_leaves_no_trace(bench, line, until):
    async with bench:
        board = await listening(bench, line)
        await board.skip(60_000)
        await board.skip(0)
        phone = await bench.phone(b"stranger")
        await phone.advertise_now(50)
        phone.change(b"\x02\x01\x06\x03\x03\xf0\xfc")  # no presence at all
        await phone.advertise_now()
        phone.change(gatt.presence_advert(b"anna-now", bytes(2))[:-4])  # cut short
        await phone.advertise_now()
        await board.skip(0)
        await board.skip(60_000)
        await until(lambda: len(said(board, "state")) == 2)
        first, last = (each.split()[1:] for each in said(board, "state"))
        assert abs(int(first[0]) - int(last[0])) < 600  # bytes of heap
        assert last[1:] == ["0", "0"] and not said(board, "heard") and not said(board, "sought")


async def test_while_seeking_presences_nobody_can_place_are_handed_on(bench, line):
    async with bench:
        board = await listening(bench, line, seeking=True)
        phone = await bench.phone(b"stranger")
        await phone.advertise_now()
        await line(board, "sought b'stranger'")


async def test_identifier_and_address_change_in_the_same_instant(bench, line):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone()
        before = phone.address
        phone.change(gatt.presence_advert(b"annalate", bytes(2)))
        assert phone.address != before
        await phone.advertise_now()
        await line(board, "heard anna")


async def test_a_phone_left_alone_is_heard_about_once_an_interval(bench, line, until):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone(interval_ms=100)
        await until(lambda: len(said(board, "heard")) >= 5, seconds=2)
        await phone.switch_off()
        await board.skip(0)
        count = len(said(board, "heard"))
        await board.skip(60_000)
        assert len(said(board, "heard")) == count
        await phone.switch_on()
        await until(lambda: len(said(board, "heard")) > count, seconds=2)


async def test_fading_and_loss_follow_the_seed(bench, line):
    async with bench:
        bench.radio.air.fading_db, bench.radio.air.loss = 4.0, 0.3
        board = await listening(bench, line)
        phone = await bench.phone()
        phone.move(100, 0)
        for _ in range(60):
            await phone.advertise_now()
            await board.skip(0)
        levels = [int(each.split()[2]) for each in said(board, "heard")]
        assert 30 <= len(levels) <= 54
        assert min(levels) < -61 and max(levels) > -57


async def test_three_hundred_adverts_at_once_do_not_stop_the_device(bench, line, until):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone()
        await phone.advertise_now(300)
        await board.skip(0)
        await until(lambda: len(said(board, "heard")) == 300)


async def test_a_stack_that_dies_is_started_again(bench, line, until):
    async with bench:
        board = await listening(bench, line)
        phone = await bench.phone()
        bench.radio.stations["lamp"].fail()
        await board.skip(5_000)  # the radio is looked after
        await line(board, "starts again")
        await board.skip(1_000)

        async def heard():
            await phone.advertise_now()
            await board.skip(0)

        for _ in range(20):
            await heard()
        assert said(board, "heard")
