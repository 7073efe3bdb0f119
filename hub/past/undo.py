"""Takes back what happened, as if it had never been; or takes that back.

    undo(draft, [ana], products, newest_steps([ana], 2), "Ana", now_ms)

A step is what a person does at once: a visit with all that was done in it, a wish, a rule. History
keeps what is undone, and the timeline shows it, marked; what has gone into a snapshot stays.
"""

from typing import Any, NamedTuple

from hub.errors import ConflictError, GoneError, InvalidError, UnknownLineError
from hub.past.history import Entries
from hub.past.record import anew, happened, known
from hub.past.refold import LeftOut, event_of, events_of, left_out, remaining
from hub.past.timeline import entry
from hub.past.use import Use, write_entry, write_rule
from hub.people import wishes
from hub.people.customer import Customer
from hub.store import Document
from protocol import events
from protocol.clock import too_far_ahead
from protocol.events import visit_uid
from protocol.fold import Known
from protocol.product import Product
from protocol.registers import HAND, Entry
from protocol.rules import ALL, FORGET, NO_RULE, Rule

_IN_A_VISIT = (events.ADJUSTED, events.STATED, events.VISIT)


class Step(NamedTuple):
    """What to take back: part of a visit [uid (hex), index or ALL], or an entry by its number."""

    customer: Customer
    product: str
    visit: list[Any] | None
    number: int | None


def newest_steps(everyone: list[Customer], count: int) -> list[Step]:
    """The newest so many; GoneError if there are fewer that can be undone."""
    steps: dict[Any, tuple[int, int, Step]] = {}
    for customer in everyone:
        for at_ms, number, step in _steps(customer, customer.history.entries()):
            steps[customer.id, str(step.visit), step.number] = at_ms, number, step
    newest = sorted(steps.values(), key=lambda found: found[:2])[-count:]
    if len(newest) < count:
        raise GoneError(f"Only {len(newest)} steps can be undone: older ones are kept as a sum.")
    return [step for _, _, step in newest]


def step_of_line(customer: Customer, line: int) -> Step:
    """What the timeline tells at this line (its id)."""
    told = customer.timeline.get(line)
    if told is None:
        raise UnknownLineError(line)
    number = told.get("log")
    if number is None:
        raise InvalidError("event", f"event: {told['kind']} is nothing that can be undone.")
    made = customer.history.get(number)
    if made is None:
        raise GoneError("It was too long ago: it is kept as a sum, and cannot be undone any more.")
    if told.get("undone"):
        raise ConflictError("It is undone already.")
    return _step(customer, number, made)


def undo(customer: Customer, product: Product, steps: list[Step], by: str, now_ms: int) -> int:
    """Take these steps of one product back; the id of the line that tells it."""
    before, entries = known(customer, product), customer.history.entries(product.name)
    made = {
        "kind": "undone",
        "at_ms": now_ms,
        "visits": [step.visit for step in steps if step.visit],
        "entries": [step.number for step in steps if step.number],
        "stamp": _stamp(before, entries, now_ms),
        "marks": [],
        "words": {},
        "rules": {},
    }
    count = "a step" if len(steps) == 1 else f"{len(steps)} steps"
    told = entry(now_ms, "undone", f"{by} took back {count}.", None, product.name, by=by)
    number = happened(customer, product, made, told)
    _say_anew(customer, product, number, before, left_out(entries))
    mark(customer, product)
    return customer.history.get(number)["line"]  # type: ignore[index]


def mark(customer: Customer, product: Product) -> None:
    """Fold without what is undone, and mark it in the timeline and among the wishes."""
    anew(customer, product)
    entries = customer.history.entries(product.name)
    without = left_out(entries)
    for number, made in entries:
        undone = _is_left_out(number, made, without)
        told = customer.timeline.get(made["line"])
        if told and told.get("undone", False) != undone:
            customer.timeline.put(made["line"], told | {"undone": undone})
            if made["kind"] == "word":
                wishes.mark(customer, made["word"][0], undone)


def _steps(customer: Customer, entries: Entries) -> list[tuple[int, int, Step]]:
    """[(at_ms, number, step)] of every entry that belongs to one and is not undone."""
    without = left_out(entries)
    return [
        (made["at_ms"], number, _step(customer, number, made)._replace(visit=_whole(made)))
        for number, made in entries
        if _is_of_a_step(made) and not _is_left_out(number, made, without)
    ]


def _is_of_a_step(made: Document) -> bool:
    if made["kind"] == "undone" or not _can_be_undone(made):
        return False
    return made["kind"] != "event" or event_of(made).kind != events.UNDONE


def _whole(made: Document) -> list[Any] | None:
    """All of the visit in which it happened."""
    event = event_of(made) if made["kind"] == "event" else None
    if event is None or event.kind not in _IN_A_VISIT:
        return None
    return [visit_uid(event.uid, event.visit).hex(), ALL]


def _step(customer: Customer, number: int, made: Document) -> Step:
    if not _can_be_undone(made):
        raise InvalidError("event", "event: this is nothing that can be undone.")
    whole = _whole(made)
    if whole is None:
        return Step(customer, made["product"], None, number)
    event = event_of(made)
    if event.kind != events.VISIT:
        whole[1] = event.body[0]
    return Step(customer, made["product"], whole, None)


def _can_be_undone(made: Document) -> bool:
    if made["kind"] == "rule":
        return made["word"] is None  # what was forgotten is gone
    if made["kind"] != "event":
        return True
    event = event_of(made)
    if event.kind == events.RULED:
        return event.body[1] != FORGET
    return event.kind in (*_IN_A_VISIT, events.UNDONE)


def _is_left_out(number: int, made: Document, without: LeftOut) -> bool:
    if number in without.entries:
        return True
    return made["kind"] == "event" and remaining(event_of(made), without.marks) is None


def _say_anew(
    customer: Customer, product: Product, number: int, before: Use, without: LeftOut
) -> None:
    """Let the undoing say what devices have to be told, so that they come to the same."""
    history = customer.history
    made, after = history.get(number), anew(customer, product)
    assert made is not None
    now = left_out(history.entries(product.name)).marks
    marks = [(visit, 1) for visit in sorted(set(now) - set(without.marks))]
    marks += [(visit, 0) for visit in sorted(set(without.marks) - set(now))]
    made["marks"] = [[uid.hex(), index, on] for (uid, index), on in marks]
    for index in set(before.known.registers.entries) | set(before.known.rules):
        _restore(made, index, before.known, after.known)
    history.put(number, made)


def _restore(made: Document, index: int, before: Known, after: Known) -> None:
    """Say of one setting what stands without the undone: the word and the rule, in their order."""
    (was, ruled), (is_, rule) = _stand(before, index), _stand(after, index)
    if _meaning(was, ruled) == _meaning(is_, rule):
        return
    wall_ms, count = made["stamp"]
    first, second = (wall_ms, count, wishes.NODE), (wall_ms, count + 1, wishes.NODE)
    above = is_ is not None and is_.stamp > rule.stamp
    if was is not None:
        value, author = (is_.value, is_.author) if is_ else (None, HAND)
        word = Entry(second if above else first, was.stamp, value, author)
        made["words"][str(index)] = write_entry(word)
    if ruled != NO_RULE:
        said = Rule(first if above else second, rule.kind, rule.code, rule.forgotten)
        made["rules"][str(index)] = write_rule(said)


def _stand(known: Known, index: int) -> tuple[Entry | None, Rule]:
    return known.registers.entries.get(index), known.rules.get(index, NO_RULE)


def _meaning(word: Entry | None, rule: Rule) -> tuple[Any, ...]:
    """What a word and a rule come to, whenever they were said."""
    said = (word.value, word.author) if word else (None, HAND)
    return said, rule[1:3], word is not None and word.stamp > rule.stamp


def _stamp(use: Use, entries: Entries, now_ms: int) -> list[int]:
    """After everything that stands and was done."""
    stamps = [word.stamp for word in use.known.registers.entries.values()]
    stamps += [rule.stamp for rule in use.known.rules.values()]
    stamps += [(*event.stamp, "") for _, _, event in events_of(entries)]
    stamps += [(*made["stamp"], "") for _, made in entries if made["kind"] == "undone"]
    sound = [stamp for stamp in stamps if not too_far_ahead(stamp, now_ms)]
    return list(wishes.later(max(sound, default=None), now_ms))
