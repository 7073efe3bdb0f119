"""The values of a setting in a few bins, in order, so that people can be counted by them. Pure.

made = bins(lamp.settings[0])
made.texts[made.of(35)]        # "30 to 40 %"
"""

from typing import NamedTuple

from protocol.schema import Setting

MOST = 8
_OTHER = "another"


class Bins(NamedTuple):
    """starts: the lowest rung of each bin, of a setting that is counted by rungs; else None."""

    setting: Setting
    texts: list[str]
    starts: list[int] | None

    def of(self, code: int) -> int:
        """The bin in which a code is."""
        if self.starts is None:
            options = list(self.setting.palette[:MOST])  # type: ignore[attr-defined]
            return options.index(code) if code in options else len(self.texts) - 1
        rung = self.setting.rung(self.setting.fit(code))
        return sum(start <= rung for start in self.starts) - 1


def bins(setting: Setting) -> Bins:
    if setting.kind == "colour":
        palette = setting.palette[:MOST]  # type: ignore[attr-defined]
        return Bins(setting, [*(_shown(setting, code) for code in palette), _OTHER], None)
    low, high = setting.rungs()
    each = -(-(high - low + 1) // MOST) if setting.kind in ("number", "time") else 1
    starts = list(range(low, high + 1, each))
    texts = [_span(setting, start, min(start + each - 1, high)) for start in starts]
    return Bins(setting, texts, starts)


def _span(setting: Setting, first: int, last: int) -> str:
    one, other = (_shown(setting, setting.code(rung)) for rung in (first, last))
    unit = f" {setting.unit}" if setting.unit else ""
    return f"{one if first == last else f'{one} to {other}'}{unit}"


def _shown(setting: Setting, code: int) -> str:
    value = setting.show(code)  # type: ignore[attr-defined]
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
