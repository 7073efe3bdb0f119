"""What the hub is put together from, and how a route gets at it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Protocol

from fastapi import Depends, Form, HTTPException, Request

from hub.access.accounts import Accounts
from hub.access.audit import Audit, Lines
from hub.access.cases import Cases
from hub.access.door import Access
from hub.access.oidc import Firm
from hub.access.passkeys import Passkeys
from hub.access.public import Public
from hub.access.who import Who
from hub.changes import Changes
from hub.devices.deliveries import Deliveries, Refused, Roots
from hub.devices.updates import Updates
from hub.ingest import Ingest
from hub.insight.insights import Insights
from hub.intake import Intake
from hub.learning.beginning import Options
from hub.link import Link
from hub.meters import Meters
from hub.neighbours.homes import Home
from hub.office import Office
from hub.past.histories import Histories
from hub.past.mistaken import Mistaken
from hub.people.household import Household
from hub.people.identities import Identities
from hub.people.lost import Lost
from hub.people.notes import Notes
from hub.privacy.consents import Consents
from hub.privacy.erasures import Erasures
from hub.privacy.imports import Imports
from hub.privacy.retention import Keeping, Periods
from hub.products import Products
from hub.profiles import Profiles
from hub.relation.hooks import Hook
from hub.relation.hooks_out import Carrier
from hub.relation.offering import Offerings
from hub.relation.outgoing import Outgoing
from hub.relation.preferences import Preferences
from hub.relation.questions import Questions
from hub.relation.services import Services
from hub.relation.turns import Turns
from hub.store import Store


class Doorkeeper(Protocol):
    """A broker of our own: it lets in the devices that are named, and nobody else.

    trust: lines() are the certificates (PEM) of the lines that made them, read while no other
    worker writes them; counts from the next admit on.
    """

    def trust(self, lines: Callable[[], list[bytes]]) -> None: ...
    async def admit(self, devices: list[str]) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """clock: ms since 1970; random(n): n bytes. The rest follows from them.

    together: what is made of many people's use, see hub/learning/beginning.py.
    offerings: what products ask and remind of; hooks: where that goes.
    homes: where Home Assistant shows devices.
    roots(), refused(): the manufacturers whose devices are taken, and lines that are not.
    audit_lines: where the audit is written, by default nowhere for good; see
    hub/access/audit_log.py.
    public: how the hub is reached and by whom it is run, see hub/access/public.py.
    firm: where staff may have accounts already, see hub/access/oidc.py.
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
    offerings: Offerings = field(default_factory=dict)
    hooks: tuple[Hook, ...] = ()
    homes: tuple[Home, ...] = ()
    changed: Changes = field(default_factory=Changes)
    meters: Meters = field(default_factory=Meters)
    audit_lines: Lines | None = None
    public: Public = field(default_factory=Public)
    firm: Firm | None = None
    audit: Audit = field(init=False)
    accounts: Accounts = field(init=False)
    cases: Cases = field(init=False)
    passkeys: Passkeys = field(init=False)
    profiles: Profiles = field(init=False)
    deliveries: Deliveries = field(init=False)
    histories: Histories = field(init=False)
    identities: Identities = field(init=False)
    mistaken: Mistaken = field(init=False)
    notes: Notes = field(init=False)
    household: Household = field(init=False)
    lost: Lost = field(init=False)
    keeping: Keeping = field(init=False)
    consents: Consents = field(init=False)
    erasures: Erasures = field(init=False)
    imports: Imports = field(init=False)
    preferences: Preferences = field(init=False)
    outgoing: Outgoing = field(init=False)
    turns: Turns = field(init=False)
    carrier: Carrier = field(init=False)
    services: Services = field(init=False)
    questions: Questions = field(init=False)
    insights: Insights = field(init=False)
    updates: Updates = field(init=False)
    ingest: Ingest = field(init=False)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.access.keep_in(self.store)
        self.audit = Audit(self.store, self.clock, self.random, self.audit_lines)
        self.cases, self.passkeys = Cases(self.clock), Passkeys(self.clock, self.random)
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
        self.accounts = Accounts(self.store, self.profiles.search)
        self.deliveries = Deliveries(
            self.store, self.profiles, self.clock, self.roots, self.refused
        )
        self.histories, self.identities = Histories(office), Identities(office)
        self.mistaken, self.notes = Mistaken(office), Notes(office)
        self.household, self.lost = Household(self.profiles), Lost(office)
        self.keeping = Keeping(office, self.periods)
        self.consents = Consents(office)
        self.imports = Imports(office)
        self.erasures = Erasures(office, own_broker=self.broker is not None)
        self.preferences = Preferences(office, self.zone)
        self._put_out(office)
        self.insights = Insights(self.profiles, self.together, self.zone)
        self.updates = Updates(office, self.profiles.device_names)
        self.ingest = Ingest(self.store, self.profiles, self.clock, self.changed, self.updates)
        self.intake = Intake(self.ingest, self.store, self.products, self.link.say)

    def _put_out(self, office: Office) -> None:
        """What goes out to people, and what is asked of them."""
        told, offered = self.preferences, self.offerings
        self.outgoing = Outgoing(office, told, self.hooks)
        self.turns = Turns(office, self.outgoing)
        self.carrier = Carrier(self.turns, self.hooks, self.clock, self.link)
        self.services = Services(office, told, self.outgoing, offered)
        self.questions = Questions(self.profiles, told, self.outgoing, offered)


# Async, all of them: what is not is called in a thread, and waits for its turn twice.


async def _parts(request: Request) -> Parts:
    return request.app.state.parts


async def _profiles(request: Request) -> Profiles:
    return request.app.state.parts.profiles


async def _session(request: Request) -> str:
    return request.state.session


async def _who(request: Request) -> Who:
    return request.state.who


async def _checked_form(request: Request, form_token: Annotated[str, Form()] = "") -> None:
    access, session = request.app.state.parts.access, request.state.session
    if session and not access.is_form_token(session, form_token):
        raise HTTPException(403, "This form is not of this session; open the page again")


TheParts = Annotated[Parts, Depends(_parts)]
TheProfiles = Annotated[Profiles, Depends(_profiles)]
TheSession = Annotated[str, Depends(_session)]
TheWho = Annotated[Who, Depends(_who)]
CheckedForm = Depends(_checked_form)
"""For every route of a page that changes something: its form has a field `form_token`."""
