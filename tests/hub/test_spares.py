"""Many files are replaced whole, what they replace is written over, and none of it stays behind."""

import errno
from pathlib import Path

import pytest

from hub import durable
from hub.store.spares import Spares
from tests.crash.store_disk import failing

MANY = durable.MANY + 4

pytestmark = pytest.mark.skipif(not durable.has_exchange(), reason="only Linux exchanges names")


def contents(round_: int) -> list[bytes]:
    return [b"%d of %d " % (round_, n) * (1 + (n * 7 + round_ * 3) % 11) for n in range(MANY)]


def held(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    for shard in "ab":
        (tmp_path / shard).mkdir()
    return [tmp_path / "ab"[n % 2] / f"{n}.json" for n in range(MANY)]


def test_many_files_are_replaced_again_and_again_with_one_spare_for_each(tmp_path: Path, paths):
    spares = Spares()
    for round_ in range(5):
        spares.replace_all(list(zip(paths, contents(round_), strict=True)))
        assert held(paths) == contents(round_)
        assert len(files_in(tmp_path)) == (MANY if round_ == 0 else 2 * MANY)
    spares.clear()
    assert sorted(files_in(tmp_path)) == sorted(paths)
    assert held(paths) == contents(4)


def test_whatever_fails_each_file_is_old_or_new_and_the_next_time_all_are_new(
    tmp_path: Path, paths
):
    spares, before = Spares(), contents(0)
    spares.replace_all(list(zip(paths, before, strict=True)))
    spares.replace_all(list(zip(paths, before, strict=True)))
    for fails_at in range(1, 4 * MANY, 7):
        new, until = contents(fails_at), fails_at + 1
        with failing(tmp_path, fails_at, until, errno.EIO), pytest.raises(OSError, match="output"):
            spares.replace_all(list(zip(paths, new, strict=True)))
        for found, *either in zip(held(paths), before, new, strict=True):
            assert found in either
        spares.replace_all(list(zip(paths, new, strict=True)))
        assert held(paths) == new
        before = new
    spares.clear()
    left = set(files_in(tmp_path)) - set(paths)
    assert len(left) <= 4 * MANY // 7 + 1  # one, at most, that could not be removed either
    assert {path.suffix for path in left} <= {".spare"}  # a start removes those


def test_where_names_cannot_be_exchanged_files_are_renamed_over(
    tmp_path: Path, paths, monkeypatch: pytest.MonkeyPatch
):
    def refuse(one: Path, other: Path) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(durable, "exchange", refuse)
    spares = Spares()
    for round_ in range(3):
        spares.replace_all(list(zip(paths, contents(round_), strict=True)))
        assert held(paths) == contents(round_)
    assert sorted(files_in(tmp_path)) == sorted(paths)
