"""What esptool says when something is wrong, word for word, and what we make of it."""

import io
import time

import pytest
from rich.console import Console

from tests.factory import pretend
from tests.factory.floor import Floor, link
from tools.factory import faults
from tools.factory.faults import FAULTS, Fault, classify
from tools.factory.flash import Outcome, flash
from tools.factory.show import Show, sentence

# esptool 5; True: said of a board that had answered before
SAID = [
    (faults.NO_BOARD, False, "Failed to connect to Espressif device: No serial data received."),
    (
        faults.NO_BOARD,
        False,
        "Could not open /dev/ttyUSB9, the port is busy or doesn't exist. ([Errno 2] could not open"
        " port /dev/ttyUSB9: [Errno 2] No such file or directory: '/dev/ttyUSB9')",
    ),
    (
        faults.BUSY,
        False,
        "Could not open /dev/ttyUSB0, the port is busy or doesn't exist. ([Errno 11] Could not"
        " exclusively lock port /dev/ttyUSB0: [Errno 11] Resource temporarily unavailable)",
    ),
    (
        faults.BUSY,
        False,
        "Could not open /dev/ttyUSB0, the port is busy or doesn't exist. ([Errno 13] could not open"
        " port /dev/ttyUSB0: [Errno 13] Permission denied: '/dev/ttyUSB0')",
    ),
    (faults.LOST, True, "No more data to read from the serial port."),
    (faults.LOST, True, "The chip stopped responding."),
    (faults.LOST, True, "Serial data stream stopped: Possible serial noise or corruption."),
    (faults.LOST, True, "device reports readiness to read but returned no data (device"
     " disconnected or multiple access on port?)"),
    (faults.LOST, True, "write failed: [Errno 5] Input/output error"),
    (faults.BAD_FLASH, True, "MD5 of file does not match data in flash!"),
    (faults.WRONG_CHIP, True, "This chip is ESP32-S3, not ESP32-C3. Wrong chip argument?"),
    (
        faults.WRONG_SIZE,
        True,
        "File 'vfs.bin' (length 8192) at offset 0x00200000 will not fit in 2097152 bytes of flash.",
    ),
    (faults.LOCKED, True, "Detecting flash size is not supported in secure download mode."),
    (faults.UNKNOWN, True, "Something that nobody has seen yet."),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "found", "said"), SAID)
def test_esptools_words_are_understood(fault: Fault, found: bool, said: str):
    assert classify(said, found) == fault


def test_every_fault_has_a_name_of_its_own_and_says_what_to_do():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.title and fault.advice for fault in FAULTS)
    assert [faults.named(fault.name) for fault in FAULTS] == list(FAULTS)
    assert faults.named("of a later version") == faults.UNKNOWN


async def test_a_board_that_does_not_read_back_as_who_it_is_is_put_aside(floor: Floor):
    floor.provision(1)
    work = floor.work(command=pretend.COMMAND)
    liar = link(str(floor.folder / "liar-5"))
    assert (await flash(liar, work)).fault == faults.MISREAD
    assert (await flash(liar, work)).fault == faults.ASIDE


async def test_an_esptool_that_is_not_there_is_told_as_such(floor: Floor):
    work = floor.work(command=("false",))
    outcome = await flash(link("nowhere"), work)
    assert outcome.fault == faults.UNKNOWN
    assert "is it installed?" in outcome.said


async def test_a_damaged_identity_fails_its_board_only(floor: Floor):
    batch = floor.provision(1)
    path = batch.folder / "devices" / "lmp-000001.json"
    path.write_text('{"device": "lmp-000001"}')
    outcome = await flash(link(str(floor.folder / "board-1")), floor.work(command=pretend.COMMAND))
    assert outcome.fault == faults.UNKNOWN


def test_people_see_each_board_move_and_what_became_of_it():
    out = Console(file=io.StringIO(), force_terminal=True, width=160)
    mac = "24:0a:c4:00:00:01"
    with Show(out) as show:
        show.at("/dev/ttyUSB0", "looking", 0)
        show.at("/dev/ttyUSB1", "app", 40)
        time.sleep(0.3)  # it draws ten times a second
        show.ended(Outcome("/dev/ttyUSB0", mac, "lmp-000001", 31.44))
        show.ended(Outcome("/dev/ttyUSB1", mac, "lmp-000002", 9.0, faults.LOST, "No more data"))
        show.ended(Outcome("/dev/ttyUSB2", mac, "lmp-000003", 2.0, skipped=True))
    file = out.file
    assert isinstance(file, io.StringIO)
    text = file.getvalue()
    assert "40 %" in text and "app" in text
    assert "/dev/ttyUSB0: LMP-000001 done in 31.4 s (24:0a:c4:00:00:01)" in text
    assert show.sum == "1 done, 1 done before, 1 failed"
    lost = sentence(Outcome("/dev/ttyUSB1", "", "", 9.0, faults.NO_BOARD))
    assert lost.startswith("/dev/ttyUSB1: no board: no board answers. Plug it in;")
