"""What is worked out of what people do: of each for themselves, and of those who agreed, together.

    insights = Insights(profiles, Options(cohort=True), zone)
    insights.customer(ana)["products"]              # does it help her, what does it cost her
    gathered = Gathered()
    insights.gather(gathered, everyone(store))      # in parts, on the thread that owns the store
    reports = insights.reckon(gathered)             # seconds: on any thread
    insights.keep(gathered, reports)

What was kept last is in the vault `hub`; whoever asks gets that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from hub.errors import UnknownCustomerError
from hub.insight import fleet
from hub.insight.digest import Digest, digest
from hub.insight.help import helped
from hub.insight.holdout import compared
from hub.insight.ledger import shown
from hub.insight.report import Report, report
from hub.insight.struggle import signs
from hub.learning import norms
from hub.learning.beginning import Options
from hub.learning.cohort import Standing
from hub.learning.norms import Norm
from hub.people.customer import Customer
from hub.products import Products
from hub.profiles import Profiles
from hub.store import Document, Put
from protocol.norm import PRESET_NAMES

_MOST_PEOPLE = 2000  # whose use is held against each other's; 30 KB of memory each
_MOST_STRUGGLING = 200  # in the list: those with most signs


@dataclass(slots=True)
class Gathered:
    """users: by product; struggling: [{customer, signs}]; standing: the priors of each."""

    users: dict[str, list[Digest]] = field(default_factory=dict)
    people: int = 0
    struggling: list[dict[str, Any]] = field(default_factory=list)
    standing: dict[str, dict[int, Standing]] = field(default_factory=dict)
    now_ms: int = 0


class Insights:
    """Like Profiles: each call is one commit at most. reckon() alone touches no store."""

    def __init__(self, profiles: Profiles, options: Options, zone: tzinfo) -> None:
        self._profiles, self._options, self._zone = profiles, options, zone
        self._office = profiles.office

    @property
    def products(self) -> Products:
        return self._office.products

    # Of one person

    def customer(self, customer: str) -> dict[str, Any]:
        """{products: [{product, title, helps, holdout, ledger, signs}]} from their own log."""
        draft = self._office.draft()
        person = fleet.person(draft, Customer(draft, customer), self.products, self._zone)
        return {"products": [self._of(person, name) for name in person.uses]}

    def _of(self, person: fleet.Person, name: str) -> dict[str, Any]:
        product, use = self.products[name], person.uses[name]
        return {
            "product": name,
            "title": product.title,
            "helps": helped(use.visits, product).shown(),
            "holdout": compared([use.visits], product).shown(),
            "ledger": shown(use.ledger),
            "signs": [one._asdict() for one in signs(use, product, self._office.clock())],
        }

    # Of many

    def everyone(self) -> list[str]:
        return fleet.everyone(self._office.store)

    def gather(self, gathered: Gathered, names: Iterable[str]) -> None:
        """Read some of the customers."""
        gathered.now_ms = self._office.clock()
        for person in fleet.people(self._office.store, list(names), self.products, self._zone):
            self._note_signs(gathered, person)
            if person.agreed and gathered.people < _MOST_PEOPLE:
                gathered.people += 1
                for name in person.uses:
                    made = digest(person, self.products[name])
                    gathered.users.setdefault(name, []).append(made)
        gathered.standing = {name: self._standing(name) for name in self.products}

    def reckon(self, gathered: Gathered) -> dict[str, Report]:
        """{product: Report}; store and clock are left alone."""
        return {
            name: report(
                gathered.users.get(name, []),
                self.products,
                name,
                gathered.standing.get(name, {}),
                self._options,
                gathered.now_ms,
            )
            for name in self.products
        }

    def keep(self, gathered: Gathered, reports: Mapping[str, Report]) -> None:
        """From now on this is known, and devices begin so."""
        struggling = sorted(gathered.struggling, key=lambda one: -len(one["signs"]))
        found = {"reckoned_ms": gathered.now_ms, "customers": struggling[:_MOST_STRUGGLING]}
        found["count"] = len(struggling)
        puts = [Put("hub", "insight", name, one.document) for name, one in reports.items()]
        puts += [Put("hub", "cohort", name, _write(one.priors)) for name, one in reports.items()]
        self._office.store.commit([*puts, Put("hub", "struggling", "all", found)])
        for name, one in reports.items():
            self._begin_with(name, lambda _, made=one.norms: made)

    def switch_off(self) -> None:
        """What is switched off holds no longer, from the start of the hub on."""
        if not self._options.cohort:
            for name in self.products:
                self._begin_with(name, _without_cohort)
        if not self._options.presets:
            for name in self.products:
                self._begin_with(name, _only_cohort(self.products, name))

    def of_product(self, product: str) -> Document:
        """What was kept last of a product; reckoned_ms is None if there is nothing yet."""
        name = self._office.product(product).name
        nothing = {"product": name, "reckoned_ms": None, "customers": None, "differences": []}
        return self._office.store.get("hub", "insight", name) or nothing

    def struggling(self) -> dict[str, Any]:
        """{reckoned_ms, customers: [{customer, name, signs}]}; signs.

        Those of hub/insight/struggle.py.
        """
        nothing = {"reckoned_ms": None, "customers": []}
        kept = self._office.store.get("hub", "struggling", "all") or nothing
        draft, found = self._office.draft(), []
        for one in kept["customers"]:
            try:
                found.append({"name": Customer(draft, one["customer"]).name} | one)
            except UnknownCustomerError:
                continue  # forgotten since
        return kept | {"customers": found}

    def how_many_struggle(self) -> int | None:
        """Of all customers; None for fewer than may be told of, where there are any."""
        kept = self._office.store.get("hub", "struggling", "all") or {"customers": []}
        count = kept.get("count", len(kept["customers"]))
        return None if 0 < count < self._options.fewest else count

    # Below: how

    def _note_signs(self, gathered: Gathered, person: fleet.Person) -> None:
        found = [
            {"product": name} | sign._asdict()
            for name, use in person.uses.items()
            for sign in signs(use, self.products[name], gathered.now_ms)
        ]
        if found:
            gathered.struggling.append({"customer": person.id, "signs": found})

    def _standing(self, name: str) -> dict[int, Standing]:
        kept = self._office.store.get("hub", "cohort", name) or {}
        return {
            int(at): Standing(bytes.fromhex(weights), tuple(marks))
            for at, (weights, marks) in kept.items()
        }

    def _begin_with(self, name: str, change: Callable[[dict[int, Norm]], dict[int, Norm]]) -> None:
        standing = norms.norms(self._office.draft(), name)
        made = change(standing)
        if made != standing:
            self._profiles.begin_with(name, made)


def _write(priors: Mapping[int, Standing]) -> Document:
    return {str(at): [one.weights.hex(), list(one.marks)] for at, one in priors.items()}


def _without_cohort(standing: dict[int, Norm]) -> dict[int, Norm]:
    return {at: (preset, None) for at, (preset, _) in standing.items()}


def _only_cohort(products: Products, name: str) -> Callable[[dict[int, Norm]], dict[int, Norm]]:
    """With the presets of product.json."""
    settings = products[name].settings

    def only(standing: dict[int, Norm]) -> dict[int, Norm]:
        return {
            at: (PRESET_NAMES.index(settings[at].preset), weights)
            for at, (_, weights) in standing.items()
            if weights is not None and at < len(settings)
        }

    return only
