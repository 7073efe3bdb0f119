"""What is wrong with a product.json, all of it at once, each with its line and field."""

import inspect
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from protocol.errors import ProtocolError
from protocol.product import MOST_COUNTERS, MOST_SETTINGS, Counter, Product, Signal, read_product
from protocol.schema import KINDS, Setting, is_int
from tools.factory.advice import advice
from tools.factory.findings import Finding, fault, warning
from tools.factory.lines import lines

FILE = "product.json"
_HEAD = ("product", "version", "least_suite", "people")
_LISTED = ("product", "title", "version", "settings", "signals", "counters")
_FIELDS = (*_LISTED, "least_suite", "people")
_LISTS = {"settings": MOST_SETTINGS, "signals": MOST_COUNTERS, "counters": MOST_COUNTERS}
_SETTING = {"kind": "switch", "name": "setting"}  # stands in where another part is being read


class Definition:
    """A product.json: what was found in it, and the Product if there is no fault."""

    def __init__(self, folder: Path) -> None:
        self.product: Product | None = None
        self._folder = folder
        self._lines: dict[Any, int] = {}
        self.findings = list(self._read())

    def where(self, *path: str | int) -> str:
        """A place in the file, as in "product.json:7 settings[1].start"."""
        at = next(
            (self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 1
        )
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        return f"{FILE}:{at} {field.lstrip('.')}".rstrip()

    def _read(self) -> Iterator[Finding]:
        try:
            text = (self._folder / FILE).read_text(encoding="utf-8")
            described = json.loads(text)
        except json.JSONDecodeError as error:
            yield fault(
                f"{FILE}:{error.lineno}", f"this is not JSON: {error.msg}, column {error.colno}"
            )
            return
        except (OSError, UnicodeDecodeError) as error:
            yield fault(FILE, f"cannot be read: {error}")
            return
        if not isinstance(described, dict):
            yield fault(FILE, "an object in braces is wanted")
            return
        self._lines = lines(text)
        found = [*self._head(described), *self._lists(described)]
        yield from found
        if any(each.grade == "fault" for each in found):
            return
        try:
            self.product = read_product(described)
        except ProtocolError as error:
            yield fault(FILE, str(error))
            return
        settings = {setting.name: setting for setting in self.product.settings}
        for index, item in enumerate(described["settings"]):
            where = partial(self.where, "settings", index)
            yield from advice(where, settings[item["name"]], item)

    def _head(self, described: dict[str, Any]) -> Iterator[Finding]:
        for field in described:
            if field not in _FIELDS:
                yield fault(self.where(field), f"is not known here; there are {', '.join(_FIELDS)}")
        head = {name: described[name] for name in _HEAD if name in described}
        for name in _HEAD:
            trial = {"product": "name", "settings": [_SETTING]} | {
                key: value for key, value in head.items() if key == name
            }
            yield from self._refused(trial, (name,), f"{name}: ")
        if "product" not in described:
            yield fault(self.where("product"), f'is missing: "product": "{self._folder.name}"')
        elif described["product"] != self._folder.name:
            yield fault(
                self.where("product"),
                f"is {described['product']!r}, and the folder {self._folder.name!r}: they must be"
                " the same, a board looks for the one in the other",
            )
        if "version" not in described:
            yield warning(self.where("version"), 'is missing, and taken for 1: "version": 1')

    def _lists(self, described: dict[str, Any]) -> Iterator[Finding]:
        for field, most in _LISTS.items():
            items = described.get(field, [])
            if not isinstance(items, list):
                yield fault(self.where(field), "a list in brackets is wanted")
                continue
            if field == "settings" and not items:
                yield fault(self.where(field), "at least one is wanted: what people can choose")
            if len(items) > most:
                yield fault(self.where(field), f"{len(items)} are too many; {most} are possible")
            yield from self._same_names(field, items)
            if field == "settings":
                yield from self._ids(items)
            for index, item in enumerate(items):
                yield from self._item(field, index, item)

    def _same_names(self, field: str, items: list[Any]) -> Iterator[Finding]:
        names = [item.get("name") if isinstance(item, dict) else None for item in items]
        for index, name in enumerate(names):
            if name is not None and name in names[:index]:
                first = self.where(field, names.index(name), "name").split()[0]
                yield fault(self.where(field, index, "name"), f"{name!r} is taken, see {first}")

    def _ids(self, items: list[Any]) -> Iterator[Finding]:
        """Which settings are meant on the wire and in flash: 0, 1, ..., each once."""
        ids = [
            item.get("id", at) if isinstance(item, dict) else at for at, item in enumerate(items)
        ]
        for at, number in enumerate(ids):
            if not is_int(number) or not 0 <= number < len(items):
                what = f"{number!r} is no whole number from 0 to {len(items) - 1}"
                yield fault(self.where("settings", at, "id"), what)
            elif number in ids[:at]:
                first = self.where("settings", ids.index(number)).split()[0]
                yield fault(self.where("settings", at, "id"), f"{number} is taken, see {first}")

    def _item(self, field: str, index: int, item: Any) -> Iterator[Finding]:
        if not isinstance(item, dict):
            yield fault(self.where(field, index), "an object in braces is wanted")
            return
        unfit = list(self._unfit(field, index, item))
        yield from unfit
        if unfit:
            return
        trial: dict[str, Any] = {"product": "name", "settings": [_SETTING]}
        alone = {name: value for name, value in item.items() if name != "id"}
        yield from self._refused(trial | {field: [alone]}, (field, index), f"{field}[0]: ")

    def _unfit(self, field: str, index: int, item: dict[str, Any]) -> Iterator[Finding]:
        """Fields that are missing, and fields that nothing reads."""
        known, needed = _known(field, item)
        if not known:
            kinds = ", ".join(sorted(KINDS))
            yield fault(
                self.where(field, index, "kind"), f"{item.get('kind')!r} is not one of {kinds}"
            )
            return
        for name in item:
            if name not in known:
                there = ", ".join(sorted(known))
                yield fault(self.where(field, index, name), f"is not known here; there are {there}")
        for name in needed:
            if name not in item:
                yield fault(self.where(field, index), f"{name!r} is missing")
        low, high = item.get("low"), item.get("high")
        if isinstance(low, int) and isinstance(high, int) and low >= high:
            yield fault(self.where(field, index, "high"), f"{high} is not above low, {low}")

    def _refused(
        self, trial: dict[str, Any], path: tuple[str | int, ...], before: str
    ) -> Iterator[Finding]:
        """What the reader that the device has too says of one part alone."""
        try:
            read_product(trial)
        except ProtocolError as error:
            said = str(error).removeprefix(before)
            yield fault(self.where(*path), said)


def _known(field: str, item: dict[str, Any]) -> tuple[set[str], list[str]]:
    """(fields that are read, fields that must be there) of one line of a list."""
    if field != "settings":
        record = Signal if field == "signals" else Counter
        return set(record._fields), ["name"]
    kind = KINDS.get(str(item.get("kind")))
    if kind is None:
        return set(), []
    parameters = {
        name: parameter
        for each in (Setting, kind)
        for name, parameter in inspect.signature(each.__init__).parameters.items()
        if name not in ("self", "more")
    }
    own = inspect.signature(kind.__init__).parameters
    needed = [name for name, each in own.items() if name != "self" and each.default is each.empty]
    return {"id", "kind", *parameters}, [name for name in needed if name != "more"]
