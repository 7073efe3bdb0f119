"""What the hub is put together from, and how a route gets at it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Protocol

from fastapi import Depends, Form, HTTPException, Request

from hub.access import Access
from hub.beginning import Options
from hub.changes import Changes
from hub.consents import Consents
from hub.deliveries import Deliveries, Refused, Roots
from hub.histories import Histories
from hub.household import Household
from hub.identities import Identities
from hub.ingest import Ingest
from hub.insights import Insights
from hub.link import Link
from hub.lost import Lost
from hub.office import Office
from hub.products import Products
from hub.profiles import Profiles
from hub.retention import Keeping, Periods
from hub.store import Store
from hub.updates import Updates
from hub.who import Who


class Doorkeeper(Protocol):
    """A broker of our own: it lets in the devices that are named, and nobody else.

    trust: the certificates (PEM) of the lines that made them; counts from the next admit on.
    """

    def trust(self, lines: list[bytes]) -> None: ...
    async def admit(self, devices: list[str]) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """clock: ms since 1970; random(n): n bytes. The rest follows from them.

    together: what is made of many people's use, see hub/beginning.py.
    roots(), refused(): the manufacturers whose devices are taken, and lines that are not.
    """

    store: Store
    link: Link
    products: Products
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    access: Access
    broker: Doorkeeper | None = None
    zone: tzinfo = UTC
    roots: Roots = tuple
    refused: Refused = frozenset
    periods: Periods = field(default_factory=Periods)
    together: Options = field(default_factory=Options)
    changed: Changes = field(default_factory=Changes)
    profiles: Profiles = field(init=False)
    deliveries: Deliveries = field(init=False)
    histories: Histories = field(init=False)
    identities: Identities = field(init=False)
    household: Household = field(init=False)
    lost: Lost = field(init=False)
    keeping: Keeping = field(init=False)
    consents: Consents = field(init=False)
    insights: Insights = field(init=False)
    updates: Updates = field(init=False)
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        office = Office(
            self.store,
            self.products,
            self.clock,
            self.random,
            self.zone,
            self.link.say,
            self.changed,
        )
        self.profiles = Profiles(office)
        self.deliveries = Deliveries(
            self.store, self.profiles, self.clock, self.roots, self.refused
        )
        self.histories, self.identities = Histories(office), Identities(office)
        self.household, self.lost = Household(self.profiles), Lost(office)
        self.keeping = Keeping(office, self.periods)
        self.consents = Consents(office)
        self.insights = Insights(self.profiles, self.together, self.zone)
        self.updates = Updates(office, self.profiles.device_names)
        self.ingest = Ingest(self.store, self.profiles, self.clock, self.changed, self.updates)


def _parts(request: Request) -> Parts:
    return request.app.state.parts


def _profiles(request: Request) -> Profiles:
    return request.app.state.parts.profiles


def _session(request: Request) -> str:
    return request.state.session


def _who(request: Request) -> Who:
    return request.state.who


def _checked_form(request: Request, form_token: Annotated[str, Form()] = "") -> None:
    access, session = request.app.state.parts.access, request.state.session
    if session and not access.is_form_token(session, form_token):
        raise HTTPException(403, "This form is not of this session; open the page again")


TheParts = Annotated[Parts, Depends(_parts)]
TheProfiles = Annotated[Profiles, Depends(_profiles)]
TheSession = Annotated[str, Depends(_session)]
TheWho = Annotated[Who, Depends(_who)]
CheckedForm = Depends(_checked_form)
"""For every route of a page that changes something: its form has a field `form_token`."""
