"""What there is of the relationship with an identity beside their use: exported, and taken in.

document = related(draft, ana.id)      # {preferences, messages, questions, services}
relate(draft, ana.id, document)        # the same at another hub
"""

from typing import Any

from hub.draft import Draft
from hub.people.customer import vault
from hub.relation.outgoing import messages, sent

_TABLES = ("preferences", "questions", "services")


def related(draft: Draft, customer: str) -> dict[str, Any]:
    """preferences: {name: {value, source, at_ms, by}}; messages: [{id, at_ms, kind, text, ...}];
    questions: {id: {state, at_ms, closed_ms}}; services: {"device counter": {level, count, begun}}.
    """
    found: dict[str, Any] = {table: draft.all(vault(customer), table) for table in _TABLES}
    return found | {"messages": sent(draft, customer)}


def relate(draft: Draft, customer: str, document: dict[str, Any]) -> None:
    """Keep what `related` gave; messages that wait for a hook of another hub never go out here."""
    for table in _TABLES:
        for name, kept in document.get(table, {}).items():
            draft.put(vault(customer), table, name, kept)
    for message in sorted(document.get("messages", []), key=lambda one: one["id"]):
        messages(draft, customer).add({n: message[n] for n in message if n != "id"} | {"hooks": {}})
