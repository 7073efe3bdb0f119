"""What a person, or support for them, decides about the learning of one setting.

The rules themselves are protocol/rules.py; here is how one is made at the hub.
"""

from typing import NamedTuple

from hub.draft import Draft
from hub.errors import InvalidError
from hub.past.record import happened
from hub.past.timeline import entry, of_rule
from hub.past.use import write_entry, write_rule
from hub.people import circle
from hub.people.customer import Customer
from hub.people.wishes import NODE, find_setting, later
from protocol import rules
from protocol.product import Product
from protocol.registers import HAND, Entry
from protocol.rules import NO_RULE, RULE_NAMES


class Ruling(NamedTuple):
    """kind: one of RULE_NAMES; daypart: now, where the customer lives."""

    setting: str
    kind: str
    by: str
    now_ms: int
    daypart: int


def rule(draft: Draft, customer: Customer, product: Product, asked: Ruling) -> None:
    """Let a rule stand for a setting; InvalidError for a kind or setting that is none."""
    index, setting = find_setting(product, asked.setting)
    if asked.kind not in RULE_NAMES:
        raise InvalidError("rule", f"rule: one of {', '.join(RULE_NAMES)} is wanted.")
    known = circle.use(draft, customer, product).known
    word, standing = known.registers.entries.get(index), known.rules.get(index, NO_RULE)
    newest = max(standing.stamp, word.stamp if word else standing.stamp)
    stamp = (*later(newest, asked.now_ms), NODE)
    kind, code = (
        RULE_NAMES.index(asked.kind),
        known.decide(product.settings, asked.daypart)[index].code,
    )
    made = {
        "kind": "rule",
        "at_ms": asked.now_ms,
        "index": index,
        "rule": write_rule(rules.ruled({}, index, kind, code, stamp)[index]),
        "word": None,
    }
    if kind == rules.FORGET:
        made["word"] = write_entry(Entry(stamp, word.stamp if word else None, None, HAND))
    details = {"setting": setting.name, "rule": asked.kind, "by": asked.by}
    told = entry(asked.now_ms, "ruled", of_rule(setting, kind, code), None, product.name, **details)
    happened(customer, product, made, told)
