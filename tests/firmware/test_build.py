"""What becomes of our modules on their way to a board."""

import re
from typing import Any

from tests.conftest import ROOT
from tools.factory import cache
from tools.factory.constants import inline
from tools.factory.layout import build_files
from tools.factory.merge import merge
from tools.factory.names import inner, passed
from tools.factory.prune import prune
from tools.factory.shorten import shorten


def test_private_names_are_used_in_their_own_module_only():
    for folder in ("firmware", "protocol"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"import .*\b_[a-z]\w*", text.replace("as _aes", "")), path
            strange = re.findall(r"(?<!self)(?<!\w)(\w+)\._[a-z]\w*", text)
            assert not {name for name in strange if name != "self"}, path


def test_what_nobody_uses_is_left_out_and_lines_stay():
    texts = {
        "a": "def used():\n    return _inner()\n\n\ndef unused():\n    return 1\n\n\n"
        "def _inner():\n    return 2\n",
        "b": "from a import unused, used\n\nONE = 1\n\n\ndef start():\n    return used()\n",
    }
    pruned = prune(texts, "from b import start\nstart()")
    assert "unused" not in pruned["a"] + pruned["b"]
    assert "ONE" not in pruned["b"]
    assert pruned["a"].splitlines()[8] == "def _inner():"


def test_names_used_by_one_module_are_as_good_as_private():
    texts = ["LIMIT = 4\n\n\ndef shown(a):\n    return a.close(LIMIT)\n", "from a import shown\n"]
    assert inner(texts, "") == {"LIMIT"}


def test_short_names_mean_the_same():
    text = (
        "_STEP = 5\n\n\n"
        "class Knob:\n"
        "    def __init__(self, start, low=0):\n"
        "        self._at, self.low = start, low\n\n"
        "    def turned(self, detents):\n"
        "        self._at = max([self._at + each * detents for each in (_STEP,)] + [self.low])\n"
        "        return (lambda start: start + self._at)(detents)\n"
    )
    short = shorten(text, passed([text, "Knob(1, low=2)"]))
    assert "const (5 )" in short
    assert "low" in short
    assert not re.search(r"_STEP|_at\b|detents", short)
    results = []
    for source in (text, short):
        names = {"const": int}
        exec(source, names)
        results.append(names["Knob"](1, low=2).turned(3))  # type: ignore[operator]
    assert results[0] == results[1] == 19


def test_a_board_gets_only_the_kinds_of_settings_its_product_has():
    for product, there, absent in (
        ("lamp", b"palette", b"options"),
        ("espresso", b"options", b"#"),
    ):
        schema = build_files(product)["/a/protocol/schema.mpy"]
        assert there in schema
        assert product == "espresso" or absent not in schema


def test_what_was_compiled_once_is_kept_and_a_damaged_cache_does_no_harm(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make():
        made.append(1)
        return {"a.mpy": b"code"}

    for _ in range(3):
        assert cache.kept("key", make) == {"a.mpy": b"code"}
    assert len(made) == 1
    (kept,) = tmp_path.rglob("*.zip")
    kept.write_bytes(kept.read_bytes()[:20])
    assert cache.kept("key", make) == {"a.mpy": b"code"}
    assert len(made) == 2
    tmp_path.joinpath("file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # where no folder can be
    assert cache.kept("key", make) == {"a.mpy": b"code"}


def test_an_application_has_no_tests_in_it_and_a_hash_of_every_file():
    files = build_files("espresso")
    assert {path.split("/")[1] for path in files} == {"a", "boot.py", "slots.json", "slots.mpy"}
    assert not [path for path in files if "test" in path]
    listed = {line.split()[2] for line in files["/a/files.txt"].decode().splitlines()}
    assert {f"/a/{path}" for path in listed} | {"/a/files.txt"} == {
        path for path in files if path.startswith("/a/")
    }


def test_constants_of_other_modules_are_written_where_they_are_used():
    made = inline(
        {
            "a/events.py": "SAID, LONG = 4, 1 << 40\nWORD = 'said'\n",
            "a/use.py": "from a import events\nfrom a.events import LONG, SAID\n\n\n"
            "def use(WORD):\n    return events.SAID, SAID, LONG, WORD, events.WORD\n",
        }
    )
    assert "return 4, 4, LONG, WORD, 'said'" in made["a/use.py"]
    assert made["a/events.py"].startswith("SAID, LONG = 4")


def test_a_module_that_one_other_needs_goes_into_it_and_means_the_same():
    texts = {
        "a/leaf.py": "_MOST = 3\n\n\ndef leaf(one):\n    return min(one, _MOST)\n",
        "a/branch.py": "from a.leaf import leaf\n\n_MOST = 2\n\n\n"
        "def branch(one):\n    return leaf(one) * _MOST\n",
        "a/tree.py": '"""A tree."""\n\nfrom a.branch import branch\nfrom a.later import later\n\n'
        "_MOST = 5\n\n\ndef tree(one):\n    return branch(one) + _MOST\n",
        "a/later.py": "def later():\n    pass\n",
        "a/unload.py": "NAMES = ('a.later',)\n",
    }
    merged = merge(texts)
    assert set(merged) == {"a/tree.py", "a/later.py", "a/unload.py"}
    names: dict[str, Any] = {}
    exec(merged["a/tree.py"].replace("from a.later import later", ""), names)
    assert [names["tree"](one) for one in (1, 9)] == [7, 11]


def test_a_module_stays_apart_where_names_would_clash_or_more_than_one_needs_it():
    leaf, user = "def leaf():\n    return 1\n", "from a.leaf import leaf\n"
    for texts in (
        {"a/leaf.py": leaf, "a/one.py": user, "a/two.py": user},
        {"a/leaf.py": leaf, "a/one.py": "def one():\n    from a.leaf import leaf\n"},
        {"a/leaf.py": leaf, "a/one.py": "from a import leaf\n"},
        {"a/leaf.py": leaf + "LIMIT = 1\n", "a/one.py": user + "LIMIT = 2\n"},
        {"a/leaf.py": leaf, "a/one.py": user + "def sum(of):\n    return 0\n"},
    ):
        assert merge(texts) == texts
    assert len(merge({"a/leaf.py": leaf, "a/one.py": user}, ["a/leaf.py"])) == 2
