"""The write-ahead log by itself."""

import errno
import struct
import zlib
from pathlib import Path

import pytest

from hub.store import StoreError
from hub.store.wal import Log
from tests.crash.store_disk import failing


def reopened(log: Log, path: Path) -> list[bytes]:
    log.close()
    again = Log(path)
    bodies = list(again.bodies())
    again.close()
    return bodies


def test_a_new_log_is_empty(tmp_path: Path):
    log = Log(tmp_path / "log")
    assert list(log.bodies()) == []
    assert log.size == 0
    log.close()


def test_frames_come_back_in_order(tmp_path: Path):
    log = Log(tmp_path / "log")
    bodies = [b"one", bytes(range(256)) * 300, b"\0"]
    for body in bodies:
        log.append(body)
    assert list(log.bodies()) == bodies
    log.append(b"after reading")
    assert reopened(log, tmp_path / "log") == [*bodies, b"after reading"]


def test_a_frame_is_length_then_crc_then_body(tmp_path: Path):
    log = Log(tmp_path / "log")
    log.append(b"body")
    log.close()
    assert (tmp_path / "log").read_bytes() == struct.pack(">II", 4, zlib.crc32(b"body")) + b"body"


def test_a_turned_log_is_read_old_file_first_until_that_is_forgotten(tmp_path: Path):
    log = Log(tmp_path / "log")
    log.append(b"old")
    log.turn()
    assert log.size == 0
    log.append(b"new")
    assert reopened(log, tmp_path / "log") == [b"old", b"new"]
    log = Log(tmp_path / "log")
    assert log.has_old
    log.forget_old()
    assert reopened(log, tmp_path / "log") == [b"new"]


def test_an_old_log_is_never_torn_so_a_damaged_one_is_an_error(tmp_path: Path):
    log = Log(tmp_path / "log")
    log.append(b"old")
    log.turn()
    (tmp_path / "log.old").write_bytes((tmp_path / "log.old").read_bytes()[:-1])
    with pytest.raises(StoreError, match=r"log\.old is damaged"):
        list(log.bodies())
    log.close()


def test_a_torn_tail_is_cut_with_a_word_in_the_log(tmp_path: Path, caplog):
    log = Log(tmp_path / "log")
    log.append(b"whole")
    log.append(b"torn")
    log.close()
    (tmp_path / "log").write_bytes((tmp_path / "log").read_bytes()[:-1])
    log = Log(tmp_path / "log")
    assert list(log.bodies()) == [b"whole"]
    assert "cut 11 bytes of an unfinished commit" in caplog.text
    log.append(b"next")
    assert reopened(log, tmp_path / "log") == [b"whole", b"next"]


@pytest.mark.parametrize("at", range(8, 12))
def test_rot_before_sound_frames_is_no_torn_tail_and_nothing_is_cut(tmp_path: Path, at: int):
    log = Log(tmp_path / "log")
    log.append(b"rots")
    log.append(b"acknowledged")
    log.close()
    image = bytearray((tmp_path / "log").read_bytes())
    image[at] ^= 1
    (tmp_path / "log").write_bytes(image)
    with pytest.raises(StoreError, match="damaged at byte 0"):
        Log(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == image


def test_a_log_that_cannot_be_opened_says_so(tmp_path: Path):
    (tmp_path / "log").mkdir()
    with pytest.raises(StoreError, match="cannot open"):
        Log(tmp_path / "log")


def test_a_cleared_log_is_empty_and_goes_on(tmp_path: Path):
    log = Log(tmp_path / "log")
    log.append(b"gone")
    log.clear()
    assert (log.size, list(log.bodies())) == (0, [])
    log.append(b"kept")
    assert reopened(log, tmp_path / "log") == [b"kept"]


@pytest.mark.parametrize("fails_at", [6, 7])  # after three calls to open it, two to append
def test_what_a_failed_clearing_left_is_gone_before_the_next_append(tmp_path: Path, fails_at: int):
    with failing(tmp_path, fails_at, fails_at, errno.EIO):
        log = Log(tmp_path / "log")
        log.append(b"gone")
        with pytest.raises(OSError, match="output"):
            log.clear()
        log.append(b"kept")
    assert reopened(log, tmp_path / "log") == [b"kept"]
