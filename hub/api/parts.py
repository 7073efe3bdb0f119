"""What the hub is put together from, and how a route gets at it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Protocol

from fastapi import Depends, Form, HTTPException, Request

from hub.access import Access
from hub.changes import Changes
from hub.ingest import Ingest
from hub.link import Link
from hub.products import Products
from hub.profiles import Profiles
from hub.store import Store


class Doorkeeper(Protocol):
    """A broker of our own: it lets in the devices that are named, and nobody else."""

    async def admit(self, devices: list[str]) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """clock: ms since 1970; random(n): n bytes. The rest follows from them."""

    store: Store
    link: Link
    products: Products
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    access: Access
    broker: Doorkeeper | None = None
    zone: tzinfo = UTC
    changed: Changes = field(default_factory=Changes)
    profiles: Profiles = field(init=False)
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        self.profiles = Profiles(
            self.store,
            self.products,
            self.clock,
            self.random,
            zone=self.zone,
            say=self.link.say,
            changed=self.changed,
        )
        self.ingest = Ingest(self.store, self.profiles, self.clock, self.changed)


def _parts(request: Request) -> Parts:
    return request.app.state.parts


def _profiles(request: Request) -> Profiles:
    return request.app.state.parts.profiles


def _session(request: Request) -> str:
    return request.state.session


def _checked_form(request: Request, form_token: Annotated[str, Form()] = "") -> None:
    access, session = request.app.state.parts.access, request.state.session
    if session and not access.is_form_token(session, form_token):
        raise HTTPException(403, "This form is not of this session; open the page again")


TheParts = Annotated[Parts, Depends(_parts)]
TheProfiles = Annotated[Profiles, Depends(_profiles)]
TheSession = Annotated[str, Depends(_session)]
CheckedForm = Depends(_checked_form)
"""For every route of a page that changes something: its form has a field `form_token`."""
