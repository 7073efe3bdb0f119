"""Real esptool, emulated boards: what becomes of a board, whatever happens to it."""

import asyncio
import json
import os
import sys

import pytest
import serial

from tests.factory.floor import FLASH, NVS, Floor, flashed, make_image
from tools.bench.rom import CHIPS
from tools.factory import faults, ledger, nvs, status
from tools.factory.faults import Fault
from tools.factory.flash import image_hash


@pytest.mark.parametrize("chip", CHIPS)
async def test_a_board_becomes_a_device_that_says_who_it_is(floor: Floor, chip: str):
    batch = floor.provision(2)
    image = make_image(floor.folder / "other", chip)
    board, work = floor.board(chip), floor.work(image=image)
    outcome = await flashed(board, work)
    assert (outcome.fault, outcome.device, outcome.mac) == (None, "lmp-000001", board.chip.mac)
    for part in image.parts:
        assert board.chip.flash.read(part.offset, part.bytes) == part.file.read_bytes()
    identity = batch.identity("lmp-000001")
    assert nvs.read(board.chip.flash.read(*NVS)) == identity.blobs()
    entry = ledger.read(floor.line).board(board.chip.mac).done
    assert entry is not None
    assert (entry["who"], entry["port"], entry["chip"]) == ("Kim", board.path, chip)
    assert entry["image"] == image_hash(image)
    assert entry["parts"]["app"] == image.parts[2].sha256
    assert entry["seconds"] > 0


async def test_many_boards_side_by_side_each_get_an_id_and_a_bad_one_stops_nobody(floor: Floor):
    floor.provision(8)
    work = floor.work()
    good = [floor.board() for _ in range(3)]
    bad = [floor.board(stuck=0x10000), floor.board("esp32s3"), floor.board(silent=True)]
    ports = [board for pair in zip(good, bad, strict=True) for board in pair]
    outcomes = await asyncio.gather(*[flashed(board, work) for board in ports])
    assert [outcome.fault for outcome in outcomes[::2]] == [None] * 3
    assert None not in [outcome.fault for outcome in outcomes[1::2]]
    devices = [outcome.device for outcome in outcomes if outcome.device]
    assert len(set(devices)) == len(devices) == 4, "the three, and the one with bad flash"


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        (faults.NO_BOARD, {"silent": True}),
        (faults.LOST, {"cut_at": 40_000}),
        (faults.BAD_FLASH, {"stuck": 0x10004}),
        (faults.WRONG_CHIP, {"chip": "esp32"}),
        (faults.WRONG_SIZE, {"flash_bytes": 2 << 20}),
        (faults.WRONG_SIZE, {"flash_bytes": 8 << 20}),
        (faults.LOCKED, {"locked": True}),
    ],
)
async def test_each_fault_is_told_by_its_name_with_what_to_do(floor: Floor, fault: Fault, made):
    floor.provision(1)
    outcome = await flashed(floor.board(**made), floor.work())
    assert outcome.fault == fault
    assert fault.advice
    entry = ledger.read(floor.line).entries[-1]
    assert (entry["what"], entry["fault"]) == ("failed", fault.name)
    assert entry["quarantine"] == fault.quarantine


async def test_a_port_that_is_not_there_is_no_board(floor: Floor):
    outcome = await flashed(str(floor.folder / "ttyUSB7"), floor.work())
    assert (outcome.fault, outcome.mac) == (faults.NO_BOARD, "")


async def test_a_board_that_was_pulled_out_goes_on_as_the_same_device(floor: Floor):
    floor.provision(3)
    work = floor.work()
    board = floor.board(cut_at=50_000)
    first = await flashed(board, work)
    assert (first.fault, first.device) == (faults.LOST, "lmp-000001")
    other = await flashed(floor.board(), work)
    board.replug()
    again = await flashed(board, work)
    assert (again.fault, again.device, other.device) == (None, "lmp-000001", "lmp-000002")


async def test_a_port_that_another_program_holds_is_told_so(floor: Floor):
    board = floor.board()
    with serial.Serial(board.path, exclusive=True):
        assert (await flashed(board, floor.work())).fault == faults.BUSY


async def test_a_board_with_bad_flash_is_put_aside(floor: Floor):
    floor.provision(1)
    work, board = floor.work(), floor.board(stuck=0x10004)
    assert (await flashed(board, work)).fault == faults.BAD_FLASH
    assert (await flashed(board, work)).fault == faults.ASIDE
    assert [row.state for row in status.boards(floor.line)] == [status.ASIDE]


async def test_what_is_done_is_left_alone_until_there_is_another_image(floor: Floor):
    floor.provision(2)
    work, board = floor.work(), floor.board()
    assert (await flashed(board, work)).skipped is False
    taken = board.taken
    again = await flashed(board, work)
    assert (again.skipped, again.device, again.fault) == (True, "lmp-000001", None)
    assert board.taken - taken < 25_000, "nothing but the stub was sent"
    work.image = make_image(floor.folder / "newer")
    newer = await flashed(board, work)
    assert (newer.skipped, newer.device) == (False, "lmp-000001")


async def test_a_new_image_keeps_what_a_device_learned_and_a_new_board_knows_nobody(floor: Floor):
    floor.provision(1)
    work, board = floor.work(), floor.board()
    board.chip.flash.program(0x100000, b"somebody's habits")
    await flashed(board, work)
    assert board.chip.flash.read(0x100000, 17) == b"\xff" * 17
    board.chip.flash.program(0x100000, b"Ana's habits")
    work.image = make_image(floor.folder / "newer")
    assert (await flashed(board, work)).fault is None
    assert board.chip.flash.read(0x100000, 12) == b"Ana's habits"


async def test_a_closed_batch_holds_no_keys_and_its_devices_can_be_flashed_again(floor: Floor):
    batch = floor.provision(2)
    work, board = floor.work(), floor.board()
    await flashed(board, work)
    key = batch.identity("lmp-000001").key
    assert status.close(floor.line, batch) == 1
    files = [path for path in floor.line.rglob("*") if path.is_file()]
    assert not [path for path in files if key.hex().encode() in path.read_bytes()]
    assert batch.identity("lmp-000002").is_whole, "it is on no board yet"
    work.again = True
    assert (await flashed(board, work)).fault is None
    assert nvs.read(board.chip.flash.read(*NVS))["key"] == key
    board.chip.flash.erase(*NVS)
    lost = await flashed(board, work)
    assert lost.fault == faults.NO_IDENTITY
    assert "forgotten" in lost.said


async def test_a_device_is_never_written_as_another_product(floor: Floor):
    floor.provision(1)
    work, board = floor.work(), floor.board()
    await flashed(board, work)
    work.image = make_image(floor.folder / "espresso", product="espresso")
    assert (await flashed(board, work)).fault == faults.OTHER_PRODUCT
    assert (await flashed(floor.board(), work)).fault == faults.NO_IDENTITY


async def test_two_boards_with_one_mac_never_become_one_device(floor: Floor):
    floor.provision(2)
    work, board = floor.work(), floor.board()
    work.macs.add(board.chip.mac)
    assert (await flashed(board, work)).fault == faults.TWIN


async def test_a_self_test_that_fails_puts_the_board_aside_with_its_last_words(floor: Floor):
    floor.provision(2)
    says = "import os, sys; print(os.environ['RAPPORT_DEVICE'], 'lamp dark'); sys.exit({})"
    work = floor.work(test=[sys.executable, "-c", says.format(1)])
    outcome = await flashed(floor.board(), work)
    assert (outcome.fault, outcome.said) == (faults.SELF_TEST, "lmp-000001 lamp dark")
    work.test = [sys.executable, "-c", says.format(0)]
    assert (await flashed(floor.board(), work)).fault is None


async def test_no_key_code_or_password_is_in_ledger_or_status(floor: Floor):
    batch = floor.provision(2)
    work = floor.work()
    await asyncio.gather(*[flashed(floor.board(), work), flashed(floor.board(cut_at=0), work)])
    told = (floor.line / "ledger.jsonl").read_bytes() + repr(status.boards(floor.line)).encode()
    told += json.dumps(status.count(floor.line, batch)).encode()
    for device in batch.devices():
        identity = batch.identity(device)
        told += repr(identity).encode()
        for secret in (identity.key, identity.key.hex().encode(), identity.code.encode()):
            assert secret not in told
    assert b"guest-password" not in told


async def test_secrets_are_files_for_their_owner_only(floor: Floor):
    floor.provision(2)
    secret = [*floor.folder.rglob("*.key.pem"), *floor.line.rglob("devices/*.json")]
    assert len(secret) >= 6
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert os.stat(floor.line / "batches").st_mode & 0o077 == 0


async def test_counts_of_a_batch_say_what_became_of_it(floor: Floor):
    batch = floor.provision(5)
    work = floor.work()
    for faulty in ({}, {}, {"stuck": 0x10004}, {"chip": "esp32"}):
        await flashed(floor.board(**faulty), work)
    mac = "24:0a:c4:00:00:99"
    work.ledger.bind(mac, batch.devices())
    work.ledger.failed(mac, "lost", quarantine=False, seconds=9.0)
    count = status.count(floor.line, batch)
    assert (count["done"], count["aside"], count["failed"], count["left"]) == (2, 1, 1, 1)
    assert count["failures"] == {"bad_flash": 1, "lost": 1}
    assert (count["yield"], count["first_pass"], count["attempts"]) == (0.5, 0.5, 4)
    assert status.unbound_failures(floor.line) == {"wrong_chip": 1}
    assert "lost" in status.counts_csv([count]).splitlines()[0]
    assert status.as_csv(status.boards(floor.line)).count("\n") == 6
    assert floor.image.flash_bytes == FLASH
