"""What becomes of our modules on their way to a board."""

import re

from tests.conftest import ROOT
from tools.bench.build import build_files
from tools.bench.names import inner, passed
from tools.bench.prune import prune
from tools.bench.shorten import shorten


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
        schema = build_files(product)["/protocol/schema.mpy"]
        assert there in schema
        assert product == "espresso" or absent not in schema
