"""Files are written over in place; whatever cuts that off, each is whole after the next start."""

import contextlib
import errno
from pathlib import Path
from random import Random

import pytest

from hub import durable
from hub.store import StoreError
from hub.store.settling import Content, Settling
from tests.crash.store_disk import failing

MANY = durable.MANY + 4
OPENED = 4  # the first call after those that open the log


def contents(round_: int, count: int = MANY) -> list[Content]:
    return [
        (f"{'ab'[n % 2]}/{n}.json", b"%d of %d " % (round_, n) * (1 + (n * 7 + round_ * 3) % 11))
        for n in range(count)
    ]


def held(folder: Path) -> list[Content]:
    return sorted((str(path.relative_to(folder)), path.read_bytes()) for path in files_in(folder))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for shard in "ab":
        (tmp_path / "files" / shard).mkdir(parents=True)
    return tmp_path / "files"


@pytest.mark.parametrize("count", [1, 3, MANY])
def test_files_are_written_over_again_and_again_and_nothing_stays_beside_them(
    folder: Path, count: int
):
    log = folder.parent / "log"
    settling = Settling(log, folder)
    for round_ in range(5):
        settling.write(contents(round_, count))
        assert held(folder) == sorted(contents(round_, count))
        if round_ % 2:
            settling.sync()
            assert not log.stat().st_size
    settling.close()
    assert log.stat().st_size, "it was not synced"
    Settling(log, folder).close()
    assert not log.stat().st_size
    assert held(folder) == sorted(contents(4, count))


def test_files_in_pieces_are_whole_after_a_start(folder: Path):
    settling, random = Settling(folder.parent / "log", folder), Random(3)
    settling.write(contents(0))
    settling.write(contents(1, 7))
    settling.close()
    for path in files_in(folder):
        whole = path.read_bytes()
        path.write_bytes(random.randbytes(random.randint(0, 2 * len(whole))))
    (folder / "a/0.json").unlink()
    Settling(folder.parent / "log", folder).close()
    assert held(folder) == sorted(contents(1, 7) + contents(0)[7:])


def test_what_was_not_safe_yet_is_written_nowhere(folder: Path):
    log = folder.parent / "log"
    settling = Settling(log, folder)
    settling.write(contents(0))
    safe = log.stat().st_size
    settling.write(contents(1))
    settling.close()
    image, before = log.read_bytes(), sorted(contents(0))
    for cut in range(safe, len(image), 97):
        log.write_bytes(image[:cut])
        Settling(log, folder).close()
        assert held(folder) == before


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_whatever_fails_the_next_time_all_are_whole(folder: Path, code: int):
    log, failed = folder.parent / "log", 0
    for fails_at in range(OPENED, 5 * MANY, 3):
        new = contents(fails_at)
        with failing(folder.parent, fails_at, fails_at + 1, code):
            settling = Settling(log, folder)
            with contextlib.suppress(OSError, StoreError):
                failed += 1
                settling.write(new)
                settling.sync()
                failed -= 1
        settling.write(new)
        assert held(folder) == sorted(new)
        settling.sync()
        assert not log.stat().st_size
        settling.close()
    assert failed > 10


def test_a_start_after_a_failure_makes_all_whole(folder: Path):
    log, failed = folder.parent / "log", 0
    for fails_at in range(OPENED, 4 * MANY, 3):
        old, new = contents(0), contents(fails_at)
        settling = Settling(log, folder)
        settling.write(old)
        settling.sync()
        settling.close()
        with failing(folder.parent, fails_at, 1 << 30):
            settling = Settling(log, folder)
            with contextlib.suppress(OSError, StoreError):
                failed += 1
                settling.write(new)
                failed -= 1
            settling.close()
        Settling(log, folder).close()
        assert held(folder) in (sorted(old), sorted(new))
    assert failed > 10


def test_a_file_that_was_removed_meanwhile_stays_away(folder: Path):
    settling = Settling(folder.parent / "log", folder)
    settling.write(contents(0, 3))
    (folder / "a/2.json").unlink()
    settling.sync()
    settling.close()
    Settling(folder.parent / "log", folder).close()
    assert held(folder) == sorted(contents(0, 2))


def test_a_name_that_leaves_the_folder_is_refused(folder: Path):
    settling = Settling(folder.parent / "log", folder)
    settling.write([("../a.json", b"here")])
    settling.close()
    (folder.parent / "a.json").unlink()
    with pytest.raises(StoreError, match=r"names '\.\./a\.json'"):
        Settling(folder.parent / "log", folder)
    assert not (folder.parent / "a.json").exists()


def test_a_damaged_log_is_named(folder: Path):
    settling = Settling(folder.parent / "log", folder)
    settling.write(contents(0, 3))
    settling.write(contents(1, 3))
    settling.close()
    image = bytearray((folder.parent / "log").read_bytes())
    image[20] ^= 1
    (folder.parent / "log").write_bytes(image)
    with pytest.raises(StoreError, match="log is damaged"):
        Settling(folder.parent / "log", folder)
