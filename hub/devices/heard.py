"""How far a device's journal was heard, and what of a message is new: both ends count alike. Pure.

heard = begun(heard, hello)
for number, kind, payload, chain in beyond(heard, said): ...
"""

from collections.abc import Iterator
from typing import NamedTuple

from hub.store import Document
from protocol import chain as chains
from protocol.messages import Events, Hello


class Heard(NamedTuple):
    """Records 1 to `upto` of a stream, and the chain after the last of them."""

    stream: bytes
    upto: int
    chain: int


def heard_of(state: Document) -> Heard | None:
    """What the state of a device (hub/devices/device.py) says; None before its first journal."""
    if state["stream"] is None:
        return None
    return Heard(bytes.fromhex(state["stream"]), state["upto"], state["chain"])


def new_stream(stream: bytes) -> Heard:
    return Heard(stream, 0, chains.start(stream))


def begun(heard: Heard | None, hello: Hello) -> Heard:
    """Where a device that says this hello goes on: of what it has no more, its gaps will tell."""
    if heard is None or heard.stream != hello.stream:
        heard = new_stream(hello.stream)
    if hello.held:
        first, before, _ = hello.held
        if heard.upto < first - 1:
            return Heard(hello.stream, first - 1, before)
    return heard


def beyond(heard: Heard, said: Events) -> Iterator[tuple[int, int, bytes, int]]:
    """(number, kind, payload, chain after it) of each record that follows what was heard.

    Nothing of another stream's, and nothing from beyond a hole.
    """
    upto, chain = heard.upto, heard.chain
    if said.stream != heard.stream or said.first > upto + 1:
        return
    for number, (kind, payload) in enumerate(said.records[upto + 1 - said.first :], upto + 1):
        chain = chains.link(chain, number, kind, payload)
        yield number, kind, payload, chain


def after(heard: Heard, said: Events) -> Heard:
    """How far it is heard once these records are."""
    for number, _, _, chain in beyond(heard, said):
        heard = Heard(heard.stream, number, chain)
    return heard
