"""Killed at any moment and started again: every board ends as one device, no id is on two."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import many
from tests.factory import pretend
from tests.factory.floor import Floor, link
from tools.factory import ledger, nvs
from tools.factory.errors import FactoryError
from tools.factory.flash import flash
from tools.factory.ledger import Ledger

ROOT = Path(__file__).parents[2]
BOARDS = 100
_KILLS = 5


def test_a_hundred_boards_killed_at_random_and_resumed_have_no_id_twice(floor: Floor):
    """Everything is ours but the transfer: boards are files, see pretend.py."""
    floor.provision(BOARDS + 20)
    boards = [floor.folder / f"board-{number}" for number in range(BOARDS)]
    assert _kill_and_resume(floor, "pretend", [str(board) for board in boards]) >= 3
    partitions = [board.read_bytes() for board in boards]
    _each_is_one_device(floor, [pretend.mac(number) for number in range(BOARDS)], partitions)


def test_emulated_boards_killed_at_random_and_resumed_have_no_id_twice(floor: Floor):
    """The same with the real esptool, which dies with the one who started it."""
    boards = [floor.board() for _ in range(min(many(8), BOARDS))]
    floor.provision(len(boards) + 20)
    assert _kill_and_resume(floor, "esptool", [board.path for board in boards]) >= 1
    partitions = [board.chip.flash.read(*floor.image.nvs) for board in boards]
    _each_is_one_device(floor, [board.chip.mac for board in boards], partitions)
    for board in boards:
        for part in floor.image.parts:
            assert board.chip.flash.read(part.offset, part.bytes) == part.file.read_bytes()


def _kill_and_resume(floor: Floor, kind: str, ports: list[str]) -> int:
    """Killed on the way up to five times, then run to its end; how often it was killed."""
    dice = random.Random(3)
    program = [sys.executable, "-m", "tests.factory.run_flash"]
    arguments = [str(floor.line), str(floor.folder / "image"), kind, ",".join(ports)]
    entries = 2 * len(ports)  # bound and done; of what is killed there are none
    for kills in range(_KILLS + 1):
        process = subprocess.Popen([*program, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
        if kills < _KILLS:
            _wait_for(floor, process, dice.randint(1, entries // (_KILLS + 1)))
            time.sleep(dice.uniform(0, 0.05))
            process.kill()
        if process.wait(200) == 0:
            return kills
    raise AssertionError("it does not come to its end")


def _wait_for(floor: Floor, process: subprocess.Popen[bytes], entries: int) -> None:
    """Until the ledger has so many entries more, or it ended."""
    path = floor.line / "ledger.jsonl"
    wanted = _lines(path) + entries
    while _lines(path) < wanted and process.poll() is None:
        time.sleep(0.005)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _each_is_one_device(floor: Floor, macs: list[str], partitions: list[bytes]) -> None:
    book = ledger.read(floor.line)
    devices = [nvs.read(partition)["id"].decode() for partition in partitions]
    assert len(set(devices)) == len(devices)
    assert {mac: board.device for mac, board in book.boards.items()} == dict(
        zip(macs, devices, strict=True)
    )
    bound = [entry for entry in book.entries if entry["what"] == "bound"]
    assert set(Counter(entry["mac"] for entry in bound).values()) == {1}
    assert set(Counter(entry["device"] for entry in bound).values()) == {1}


async def test_the_id_is_in_the_ledger_before_anything_is_written(floor: Floor):
    floor.provision(1)
    work, seen = floor.work(command=pretend.COMMAND), []
    port = str(floor.folder / "board-7")

    def told(what: str, percent: int) -> None:
        if what == "bootloader":
            seen.append(ledger.read(floor.line).board(pretend.mac(7)).device)

    assert (await flash(link(port), work, told)).fault is None
    assert seen == ["lmp-000001"]


def test_only_one_is_at_work_on_a_line(floor: Floor):
    floor.work()
    with pytest.raises(FactoryError, match="another `rapport flash` is at work"):
        Ledger(floor.line, "Lee")


def test_a_ledger_that_a_power_cut_left_unfinished_is_read_up_to_there(tmp_path: Path):
    book = Ledger(tmp_path, "Kim")
    assert book.bind("aa", iter(["lmp-000001", "lmp-000002"])) == "lmp-000001"
    assert book.bind("bb", iter(["lmp-000001", "lmp-000002"])) == "lmp-000002"
    book.close()
    path = tmp_path / "ledger.jsonl"
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    for cut in range(second, len(whole)):
        path.write_bytes(whole[:cut])
        again = Ledger(tmp_path, "Kim")
        assert list(again.book.boards) == ["aa"]
        assert again.bind("cc", iter(["lmp-000001", "lmp-000002"])) == "lmp-000002"
        again.close()
    path.write_bytes(whole + b"\0" * 40 + b"\n")
    assert list(ledger.read(tmp_path).boards) == ["aa", "bb"], (
        "zeros are what a disk had not written"
    )


def test_a_ledger_that_is_damaged_in_the_middle_is_refused(tmp_path: Path):
    book = Ledger(tmp_path, "Kim")
    for number in range(3):
        book.bind(f"{number}", iter([f"lmp-00000{number}"]))
    book.close()
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{rubbish}\n" + lines[2])
    with pytest.raises(FactoryError, match="line 2 is damaged"):
        Ledger(tmp_path, "Kim")
    with pytest.raises(FactoryError, match="line 2 is damaged"):
        ledger.read(tmp_path)


def test_a_board_that_loses_the_line_three_times_is_put_aside(floor: Floor):
    work = floor.work()
    for _ in range(3):
        work.ledger.failed("aa", "lost", quarantine=False, seconds=1.0)
    assert work.ledger.book.board("aa").quarantined
    work.ledger.release("aa")
    assert not ledger.read(floor.line).board("aa").quarantined
    with pytest.raises(FactoryError, match="not put aside"):
        work.ledger.release("aa")
