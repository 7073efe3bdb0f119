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
        spares.sync()
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


def test_what_an_exchange_left_is_written_over_only_when_the_exchange_is_durable(
    tmp_path: Path, paths, monkeypatch: pytest.MonkeyPatch
):
    spares, left, whole = Spares(), [], durable.sync_disk

    def sync(folder: Path) -> None:
        left.append({path.read_bytes() for path in tmp_path.rglob("*.spare")})
        whole(folder)

    for round_ in range(2):
        spares.replace_all(list(zip(paths, contents(round_), strict=True)))
    monkeypatch.setattr(durable, "sync_disk", sync)
    spares.replace_all(list(zip(paths, contents(2), strict=True)))
    assert set(contents(0)) <= left[0]
    spares.sync()
    assert set(contents(1)) <= left[1]
    spares.replace_all(list(zip(paths, contents(3), strict=True)))
    assert held(paths) == contents(3)
    assert len(files_in(tmp_path)) == 3 * MANY, "and no more than a sync needs"
