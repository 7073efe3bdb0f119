"""The sentences of a customer's own pages: what a product does for them, when, and because of what.

sayings("Lamp", lines, "Ana")    # lines: those of hub.about.settings_of, for each daypart
-> [Saying("In the evening your lamp sets brightness to ", "35 %", ", because you chose ...")]
"""

from typing import Any, NamedTuple

from hub.insight.ledger import Ledger
from hub.pages import words
from protocol.events import SOURCE_NAMES

NOTICES = {
    "agreed": "Noted: you agree. It can be taken back here at any time.",
    "answered": "Thank you. It stands as what you said.",
    "asked": "Asked for. It shows below as soon as a device has it.",
    "claimed": "It is yours. It gets what is known of you as soon as it is online.",
    "dismissed": "Sent away. The device forgets them as soon as it is online.",
    "forget": "What was learned of it is forgotten, here and on every device.",
    "frozen": "It stays so, whatever anybody sets by hand.",
    "invited": "Invited. The device knows them as soon as it is online.",
    "learn": "It is learned from what you do, as usual.",
    "left": "The device forgets you as soon as it is online.",
    "passkey": words.NOTICES["passkey"],
    "paused": "Not any more: it has what is usual for everyone.",
    "refused": "Fine. You are not asked that again.",
    "revoked": words.NOTICES["revoked"],
    "saved": "Saved.",
    "undone": words.NOTICES["undone"],
    "withdrawn": "Taken back. Devices that are online know it within seconds.",
}
RULES = (
    ("learn", "Learn it", "from what I do, as usual.", "learned"),
    ("frozen", "Keep it so", "whatever anybody sets by hand.", "done"),
    ("paused", "Not any more", "and use what is usual for everyone.", "pause"),
    ("forget", "Forget", "what was learned of it, and begin again.", "stop"),
)
RULED = {
    "frozen": words.Word("stays so", "done", "wait"),
    "paused": words.Word("not used", "pause", "wait"),
}
ROLES = {
    "owner": "It is yours: you say whom else it knows.",
    "user": "It knows you, and you may leave.",
    "guest": "It knows you as a guest, for a while.",
}

COPIES = {
    "erased": words.Word("erased", "done", "good"),
    "waiting": words.Word("waiting", "wait", "wait"),
    "lost": words.Word("reported lost", "warn", "stop"),
}
PLACES = {
    "store": "At the hub",
    "broker": "Messages under way",
    "phone": "Your phone",
}

_FATES = {
    "queued": "on its way to {}",
    "delivered": "from your next visit on, at {}",
    "applied": "done by {}",
    "limited": "as far as it can be done, by {}",
    "refused": "what a hand had set before stays, at {}",
    "replaced": "overtaken by a newer one on its way to {}",
}
_FIRST = 10  # visits that are compared with as many of the last
_DAYPARTS = ("at night", "in the morning", "at midday", "in the evening")


class Saying(NamedTuple):
    """One sentence, in three parts: the middle is the value. line: what it tells of."""

    before: str
    value: str
    after: str
    line: dict[str, Any]

    @property
    def text(self) -> str:
        return self.before + self.value + self.after


def sayings(title: str, contexts: list[dict[str, Any]], name: str) -> list[Saying]:
    """What a product does for one setting: a sentence for the whole day, or one for each part."""
    groups: dict[Any, list[int]] = {}
    for part, line in enumerate(contexts):
        groups.setdefault((str(line["value"]), line["source"]), []).append(part)
    return [_saying(title, contexts[parts[-1]], _when(parts), name) for parts in groups.values()]


def your(title: str) -> str:
    """Espresso machine -> your espresso machine; TV -> your TV"""
    small = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    return f"your {small}"


def fates(wish: dict[str, Any]) -> list[tuple[words.Word, str]]:
    """What became of a wish: a word and a sentence for each state in which devices are."""
    states: dict[str, list[str]] = {}
    for device, state in wish["devices"].items():
        states.setdefault(state, []).append(device)
    return [
        (words.wish_state(state), _FATES[state].format(words.listed(devices)))
        for state, devices in states.items()
    ]


def effort(changed: list[int], ledger: Ledger) -> str:
    """What it costs to be known and what that saves; "" before there is anything to compare.

    changed: by hand at each visit, of those that are kept, the oldest first.
    """
    if len(changed) < 2 * _FIRST:
        return ""
    first, last = sum(changed[:_FIRST]), sum(changed[-_FIRST:])
    gone = ledger.visits > len(changed)
    of = f"the first {_FIRST} of your last {len(changed)}" if gone else f"your first {_FIRST}"
    said = f"You changed {first or 'nothing'} by hand in {of} visits, {last or 'nothing'} in the"
    said += f" last {_FIRST}."
    if ledger.by_default > ledger.corrected:
        usual = words.many(ledger.by_default, "change")
        said += f" In all you made {words.many(ledger.corrected, 'change')}; to have the same,"
        said += f" what is usual for everyone would have needed {usual}."
    return said


def begun(text: str) -> str:
    """your lamp -> Your lamp"""
    return text[:1].upper() + text[1:]


def to_you(text: str, name: str) -> str:
    """Ana asked for calm. -> You asked for calm."""
    return f"You {text.removeprefix(f'{name} ')}" if text.startswith(f"{name} ") else text


def _when(parts: list[int]) -> str:
    if len(parts) == len(_DAYPARTS):
        return ""
    return words.listed([_DAYPARTS[part] for part in parts])


def _saying(title: str, line: dict[str, Any], when: str, name: str) -> Saying:
    before, value, after = _does(line)
    lead = f"{when} {your(title)}" if when else your(title)
    return Saying(f"{begun(lead)} {before}", value, f"{after}{_because(line, name)}.", line)


def _does(line: dict[str, Any]) -> tuple[str, str, str]:
    """sets brightness to / 35 %; turns night light / on; opens at / 07:30"""
    name, value = words.plain(line["setting"]), words.value(line["value"], line["unit"])
    if line["kind"] == "switch":
        return f"{'turns' if line['value'] else 'leaves'} {name} ", value, ""
    if line["kind"] == "time" and name.endswith(" at"):
        return f"{name} ", value, ""
    return f"sets {name} to ", value, ""


def _because(line: dict[str, Any], name: str) -> str:
    assert line["source"] in SOURCE_NAMES
    if line["rule"] == "paused":
        return ", which is usual for everyone: you did not want it any more"
    return {"said": _said, "learned": _learned, "carried": _carried}.get(line["source"], _usual)(
        line, name
    )


def _said(line: dict[str, Any], name: str) -> str:
    author = line["author"]
    if line["rule"] == "frozen":
        return ", because you said that it stays so"
    if author == name or author.startswith("hand on "):
        by_hand = f" by hand at {author.removeprefix('hand on ')}" if author != name else ""
        return f", because you {'set it so' if by_hand else 'asked for it'}{by_hand}"
    return f", because {author} asked for it"


def _learned(line: dict[str, Any], name: str) -> str:
    times, of = line["times"], line["of"]
    if of < 2 or times < 2:
        return ", because you had it so last time"
    often = f"all of the last {of} times" if times == of else f"{times} of the last {of} times"
    return f", because you chose it {often}"


def _carried(line: dict[str, Any], name: str) -> str:
    return f", as {your(line['author'].removeprefix('use of the '))} has it"


def _usual(line: dict[str, Any], name: str) -> str:
    if line["source"] == "cohort":
        return ", as most people like it"
    if line["of"]:
        return ", which is usual for everyone: what you choose differs too much to be sure"
    return ", which is usual for everyone, until you choose"
