"""All that is worked out of a product's users together: one document, as it is kept and shown."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub.insight import estimate
from hub.insight.differences import differences
from hub.insight.digest import Digest
from hub.insight.help import fleet_curve
from hub.insight.holdout import Compared
from hub.insight.ledger import Ledger, shown
from hub.insight.spread import corrected, spreads
from hub.learning.beginning import Begin, Options, begin
from hub.learning.cohort import Standing
from hub.learning.norms import Norm
from protocol.product import Product


class Report(NamedTuple):
    """norms: with which the product's learners are to begin; priors: those among them."""

    norms: dict[int, Norm]
    priors: dict[int, Standing]
    document: dict[str, Any]


def report(
    users: Sequence[Digest],
    products: Mapping[str, Product],
    product: str,
    standing: Mapping[int, Standing],
    options: Options,
    now_ms: int,
) -> Report:
    """users: of this product, who agreed, in an order that stays. Takes seconds."""
    made, fewest = products[product], options.fewest
    windows = {
        at: [user.windows[at] for user in users if user.windows.get(at)]
        for at in range(len(made.settings))
    }
    found = begin(made, windows, standing, options)
    enough = len(users) >= fewest
    together = users if enough else ()
    document = {
        "product": product,
        "reckoned_ms": now_ms,
        "fewest": fewest,
        "customers": len(users) if enough else None,
        "said": "" if enough else f"Fewer than {fewest} customers who use it agreed to it.",
        "differences": [
            one.shown() for one in differences(together, products, product, now_ms, fewest)
        ],
        "beginning": [_hidden(one, fewest).shown(made.settings[at]) for at, one in found.items()],
        "helps": _helps(together),
        "spread": spreads(together, made, fewest),
        "corrected": corrected(together, made, fewest),
        "curve": fleet_curve([user.needed for user in together], fewest),
        "holdout": _holdout(together, fewest),
        "ledger": _ledger(together),
    }
    norms = {at: one.norm for at, one in found.items() if one.norm}
    priors = {at: one.prior.standing for at, one in found.items() if one.prior.standing}
    return Report(norms, priors, document)


def _hidden(one: Begin, fewest: int) -> Begin:
    """How many there are is not said where they are few."""
    few = one.prior.customers < fewest
    prior = one.prior._replace(customers=0, merged=0) if few else one.prior
    count = 0 if one.choice.customers < fewest else one.choice.customers
    return one._replace(prior=prior, choice=one.choice._replace(customers=count))


def _helps(users: Sequence[Digest]) -> dict[str, Any] | None:
    """What is saved per visit, each person counting the same."""
    rows = [user.needed for user in users if user.needed]
    if not rows:
        return None
    default = [sum(row.default - row.with_it for row in own) / len(own) for own in rows]
    last = [sum(row.last - row.with_it for row in own) / len(own) for own in rows]
    made = [sum(row.with_it for row in own) / len(own) for own in rows]
    return {
        "corrections": estimate.mean(made).shown(),
        "saved_beside_default": estimate.mean(default).shown(),
        "saved_beside_last_used": estimate.mean(last).shown(),
    }


def _holdout(users: Sequence[Digest], fewest: int) -> dict[str, Any] | None:
    """What those say who let visits be compared; None for too few of them."""
    told = [user.compared for user in users if user.compared.last[1]]
    if len(told) < fewest:
        return None
    learned = [one.learned for one in told]
    last = [one.last for one in told]
    whole = Compared(
        (sum(hits for hits, _ in learned), sum(of for _, of in learned)),
        (sum(hits for hits, _ in last), sum(of for _, of in last)),
    )
    return {"customers": len(told)} | whole.shown()


def _ledger(users: Sequence[Digest]) -> dict[str, Any] | None:
    if not users:
        return None
    whole = Ledger()
    for user in users:
        whole.add(user.ledger)
    return shown(whole)
