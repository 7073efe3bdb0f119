"""Takes in what another hub gave somebody of theirs: hub/privacy/export.py, backwards.

    customer = Imports(office).take(document)

The person gets new ids and secrets; all else is as it was, and gives the same digest. Whatever is
wrong with a file is found before anything is kept: its shape by hub/privacy/export.schema.json, its
content by reading it as it will be read, and by exporting it again.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from hub.draft import Draft
from hub.errors import ConflictError, InvalidError, UnknownCustomerError
from hub.office import Office
from hub.past.refold import event_of
from hub.past.use import check_use, read_use
from hub.people import notes
from hub.people.customer import Customer, check_email, check_name, vault
from hub.people.keys import new_audit_key, new_master
from hub.privacy import export
from hub.privacy.related import relate
from hub.store import Document
from protocol.errors import ProtocolError
from protocol.presence import PHONE_ROTATION

MOST_ENTRIES = 20_000  # of a history
_UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError)


class Imports:
    def __init__(self, office: Office) -> None:
        self._office = office

    def take(self, document: Any) -> str:
        """The id of the customer who has come; their other identities come with them.

        Raises InvalidError for a file that is none, ConflictError where they are here already.
        """
        _check_shape(document)
        office, draft = self._office, self._office.draft()
        self._check_new(draft, [one["id"] for one in document["identities"]])
        names = ["c-" + office.random(6).hex() for _ in document["identities"]]
        try:
            for name, one in zip(names, document["identities"], strict=True):
                _check_content(one)
                self._write(draft, name, one, names)
            self._check_same(draft, names[0], document)
        except (*_UNREADABLE, ProtocolError) as error:
            what = f"{type(error).__name__}: {error}"[:100]
            raise InvalidError("file", f"file: its content cannot be read ({what}).") from None
        office.conclude(draft, names)
        at = [one["id"] for one in document["identities"]].index(document["customer"])
        return names[at]

    def _check_new(self, draft: Draft, there: list[str]) -> None:
        for customer in there:
            try:
                name = Customer(draft, customer).name
            except UnknownCustomerError:
                continue
            raise ConflictError(f"{name} is here already, as {customer}.")

    def _write(self, draft: Draft, customer: str, one: Document, names: list[str]) -> None:
        profile = {
            "name": check_name(one["name"]),
            "email": check_email(one["email"]),
            "since_ms": one["since_ms"],
            "generation": one["generation"],
            "master": new_master(self._office.random),
            "audit": new_audit_key(self._office.random),
            "rotation": PHONE_ROTATION,
            "devices": {},
            "used": sorted(one["use"]),
            "consents": one["consents"],
        } | ({"linked": names} if len(names) > 1 else {})
        draft.put(vault(customer), "profile", "about", profile)
        person, counts = Customer(draft, customer), one["counts"]
        person.keep()
        for product, use in one["use"].items():
            draft.put(vault(customer), "use", product, use)
        for product, carried in one["carried"].items():
            draft.put(vault(customer), "carried", product, carried)
        entries = [(number, entry) for number, entry in _numbered(one["history"], "number").items()]
        first, last = counts["history_first"], counts["history"]
        person.history.fill(first, last, entries, one["snapshots"])
        person.timeline.fill(counts["timeline"], _numbered(one["timeline"]))
        person.wishes.fill(counts["wishes"], _numbered(one["wishes"]))
        person.consents.fill(counts["said"], _numbered(one["said"]))
        notes.fill(draft, customer, one["notes"])
        relate(draft, customer, one)

    def _check_same(self, draft: Draft, customer: str, document: Document) -> None:
        """What was taken in gives what was given."""
        office = self._office
        again = export.export(draft, office.products, Customer(draft, customer), office.clock())
        if export.digest(document["identities"]) != document["digest"]:
            raise InvalidError("file", "file: it was changed or damaged: its digest is another.")
        if again["digest"] != document["digest"]:
            raise InvalidError("file", "file: it does not fit together: export it once more.")


def _check_shape(document: Any) -> None:
    try:
        _schema()(document)
    except fastjsonschema.JsonSchemaValueException as error:
        sentence = error.message.removeprefix("data").lstrip(".")[:200]
        raise InvalidError("file", f"file: this is no export of Rapport: {sentence}.") from None


def _check_content(one: Document) -> None:
    """Read what nobody reads before the next event, undo or visit; raises whatever it raises."""
    if len(one["history"]) > MOST_ENTRIES:
        raise ValueError(f"more than {MOST_ENTRIES} entries of history")
    for use in (*one["use"].values(), *one["snapshots"].values()):
        check_use(use)
        read_use(use, one["generation"])
    for entry in one["history"]:
        if entry["kind"] == "event":
            event_of(entry)


def _numbered(documents: list[Document], name: str = "id") -> dict[int, Document]:
    return {one[name]: {key: one[key] for key in one if key != name} for one in documents}


@cache
def _schema() -> Callable[[Any], Any]:
    path = Path(__file__).with_name("export.schema.json")
    return fastjsonschema.compile(json.loads(path.read_text("utf-8")), use_default=False)
